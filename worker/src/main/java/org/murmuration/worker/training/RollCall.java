package org.murmuration.worker.training;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.murmuration.worker.collective.Collective;

/**
 * From time to time all ranks agree on what only some of them know: that the job is to stop, or
 * that a checkpoint is due by the clock of rank 0. It is held after steps that all ranks know
 * beforehand, about once a second, and costs one small message.
 */
final class RollCall {
  private static final long ABOUT_NS = Duration.ofSeconds(1).toNanos();
  private static final int LENGTH = 2 + Integer.BYTES;

  private final Collective collective;
  private final Supplier<Wish> wish;
  private final BooleanSupplier saving;
  private int between = 1;
  private int steps;
  private long last = System.nanoTime();

  /** What came of it. */
  record Decision(Wish wish, boolean save) {
    static final Decision GO_ON = new Decision(Wish.GO_ON, false);
  }

  /**
   * @param wish of this rank
   * @param saving whether a checkpoint is due; asked on rank 0
   */
  RollCall(Collective collective, Supplier<Wish> wish, BooleanSupplier saving) {
    this.collective = collective;
    this.wish = wish;
    this.saving = saving;
  }

  /** To be called by all ranks after every step. */
  Decision afterStep() {
    steps++;
    return steps < between ? Decision.GO_ON : hold();
  }

  /** Holds it now, on all ranks. */
  Decision hold() {
    var message =
        ByteBuffer.allocate(LENGTH)
            .put(wish.get().encode())
            .put((byte) (collective.rank() == 0 && saving.getAsBoolean() ? 1 : 0))
            .putInt(pace());
    var words = collective.allGather(message.array());
    var strongest = words.stream().map(word -> Wish.decode(word[0])).reduce(Wish.GO_ON, Wish::or);
    var first = ByteBuffer.wrap(words.get(0));
    between = first.getInt(2);
    steps = 0;
    last = System.nanoTime();
    return new Decision(strongest, first.get(1) != 0);
  }

  /** Steps until the next, by how long those since the last took; at most twice as many. */
  private int pace() {
    double perStep = Math.max(1, (double) (System.nanoTime() - last) / Math.max(1, steps));
    return (int) Math.max(1, Math.min(2.0 * between, ABOUT_NS / perStep));
  }
}
