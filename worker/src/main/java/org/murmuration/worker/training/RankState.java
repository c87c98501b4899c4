package org.murmuration.worker.training;

import java.nio.FloatBuffer;
import java.util.SortedMap;

/**
 * What one rank alone knows and needs to go on exactly: what its sums lost on a lossy wire, and
 * with parameter averaging its own optimizer's state.
 *
 * @param values fp32, by name
 */
public record RankState(SortedMap<String, FloatBuffer> values) {

  /**
   * Values by name.
   *
   * @throws TrainingException when there are none, or another number of them
   */
  FloatBuffer get(String name, int length) {
    var found = values.get(name);
    if (found == null || found.remaining() != length) {
      throw new TrainingException(
          "the saved state of this rank has %s values of '%s', must have %d: it belongs to another network, to other settings of averaging, or to another number of ranks"
              .formatted(found == null ? "no" : found.remaining(), name, length));
    }
    return found;
  }

  boolean isEmpty() {
    return values.isEmpty();
  }
}
