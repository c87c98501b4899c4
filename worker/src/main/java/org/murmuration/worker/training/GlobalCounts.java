package org.murmuration.worker.training;

import java.nio.ByteBuffer;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.data.BatchSource;

/**
 * How many samples the ranks together have in each step. It is the same in every epoch, so they
 * tell each other once, and every rank takes as many steps as the one with the most.
 */
final class GlobalCounts {
  private final int[] counts;

  private GlobalCounts(int[] counts) {
    this.counts = counts;
  }

  /** All ranks must call it. */
  static GlobalCounts agree(Collective collective, BatchSource batches) {
    var mine = ByteBuffer.allocate(batches.steps() * Integer.BYTES);
    for (int step = 0; step < batches.steps(); step++) {
      mine.putInt(batches.count(step));
    }
    var all = collective.allGather(mine.array());
    var steps = all.stream().mapToInt(bytes -> bytes.length / Integer.BYTES).max().orElse(0);
    var counts = new int[steps];
    for (var bytes : all) {
      var theirs = ByteBuffer.wrap(bytes);
      for (int step = 0; theirs.hasRemaining(); step++) {
        counts[step] += theirs.getInt();
      }
    }
    return new GlobalCounts(counts);
  }

  /** Steps of an epoch, the same on every rank. */
  int steps() {
    return counts.length;
  }

  /** The samples of all ranks in a step, at least 1. */
  int of(int step) {
    return counts[step];
  }
}
