package org.murmuration.worker.training;

import java.nio.ByteBuffer;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.data.BatchSource;

/**
 * Decides what is averaged and when: here the gradient, at every step, exactly.
 *
 * <p>How many samples all ranks together have in a step is the same in every epoch, so the ranks
 * tell each other once, and every rank takes as many steps as the one with the most.
 */
final class GradientAveraging {
  private final Collective collective;
  private final int[] globalCounts;

  private GradientAveraging(Collective collective, int[] globalCounts) {
    this.collective = collective;
    this.globalCounts = globalCounts;
  }

  /** All ranks must call it. */
  static GradientAveraging agree(Collective collective, BatchSource batches) {
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
    return new GradientAveraging(collective, counts);
  }

  /** Steps of an epoch, the same on every rank. */
  int steps() {
    return globalCounts.length;
  }

  /** The samples of all ranks in a step, at least 1. */
  int globalCount(int step) {
    return globalCounts[step];
  }

  /** Replaces the replica's gradient by the sum over all ranks. */
  void average(Replica replica) {
    collective.allReduceSum(replica.gradient());
  }
}
