package org.murmuration.worker.training;

import java.util.OptionalDouble;

/**
 * Finds losses that are far above those before: by an exponential mean and variance (West: Updating
 * mean and variance estimates, 1979; Finch: Incremental calculation of weighted mean and variance,
 * 2009). A spike isn't taken into the mean, so that it doesn't hide the next.
 */
final class LossSpikes {
  private static final double FRESH = 0.02;
  private static final int FIRST = 50;

  private final double deviations;
  private double mean;
  private double variance;
  private int seen;

  /**
   * @param deviations above the mean that make a spike, > 0
   */
  LossSpikes(double deviations) {
    this.deviations = deviations;
  }

  /**
   * Takes the next loss.
   *
   * @return the mean so far when the loss is a spike
   */
  OptionalDouble next(double loss) {
    if (seen >= FIRST && loss > mean + deviations * Math.sqrt(variance)) {
      return OptionalDouble.of(mean);
    }
    // In the beginning the plain mean: the first loss weighs no more than the others.
    double share = Math.max(FRESH, 1.0 / (seen + 1));
    double difference = loss - mean;
    mean += share * difference;
    variance = (1 - share) * (variance + share * difference * difference);
    seen++;
    return OptionalDouble.empty();
  }
}
