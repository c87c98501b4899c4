package org.murmuration.worker.bench;

import java.util.stream.DoubleStream;

/** The middle one of numbers. */
public final class Median {
  private Median() {}

  /**
   * The number in the middle, or the mean of the two there.
   *
   * @param numbers at least one, in any order
   */
  public static double of(DoubleStream numbers) {
    var sorted = numbers.sorted().toArray();
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
