package org.murmuration.worker.bench.collective;

import java.util.List;

/**
 * How long a contender is timed for one size in one round.
 *
 * @param coldMillis of operations that don't count, before the first size, at {@link #COLD_BYTES}:
 *     for the compiler of Java
 * @param warmMillis of operations that don't count, before each further size
 * @param measuredMillis of operations that count, about
 * @param fewest operations that count, however long they take
 */
record Effort(int coldMillis, int warmMillis, int measuredMillis, int fewest) {
  static final Effort FULL = new Effort(2500, 250, 500, 3);
  static final Effort QUICK = new Effort(1200, 100, 200, 3);

  /** The size of vector that a process begins with. */
  static final int COLD_BYTES = 1 << 20;

  private static final int MOST = 20_000;
  private static final double NANOS_PER_MILLI = 1e6;

  /**
   * The number of operations that count.
   *
   * @param nanos what one takes
   */
  int operations(double nanos) {
    return (int) Math.min(MOST, Math.max(fewest, measuredMillis * NANOS_PER_MILLI / nanos));
  }

  /** As words of a command line. */
  List<String> words() {
    return List.of(
        String.valueOf(coldMillis),
        String.valueOf(warmMillis),
        String.valueOf(measuredMillis),
        String.valueOf(fewest));
  }

  /** From {@link #words()}. */
  static Effort of(List<String> words) {
    var numbers = words.stream().map(Integer::valueOf).toList();
    return new Effort(numbers.get(0), numbers.get(1), numbers.get(2), numbers.get(3));
  }
}
