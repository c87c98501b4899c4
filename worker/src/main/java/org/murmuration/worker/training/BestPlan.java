package org.murmuration.worker.training;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * Which epoch is the best, and what is made of it.
 *
 * @param metric what of the test images decides
 * @param patience how many evaluations in a row may bring nothing better before training ends, or 0
 *     for any number (early stopping: Prechelt 1998)
 * @param keep whether the network of the best epoch is saved
 */
public record BestPlan(Metric metric, int patience, boolean keep) implements Serializable {

  /** What can decide. */
  public enum Metric {
    /** The highest share of images classified right. */
    ACCURACY,
    /** The lowest mean loss. */
    LOSS;

    private double value(EpochReport epoch) {
      return switch (this) {
        case ACCURACY -> epoch.testAccuracy();
        case LOSS -> -epoch.testLoss();
      };
    }
  }

  /** Training to the end, without the best. */
  public static BestPlan defaults() {
    return new BestPlan(Metric.ACCURACY, 0, false);
  }

  /** The best of the epochs that were evaluated; the first of equal ones. */
  public Optional<EpochReport> best(List<EpochReport> epochs) {
    EpochReport best = null;
    for (var epoch : evaluated(epochs)) {
      if (best == null || metric.value(epoch) > metric.value(best)) {
        best = epoch;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Whether the patience is at its end. */
  public boolean isOver(List<EpochReport> epochs) {
    var evaluated = evaluated(epochs);
    return patience > 0
        && best(epochs)
            .filter(best -> evaluated.size() - 1 - evaluated.indexOf(best) >= patience)
            .isPresent();
  }

  private static List<EpochReport> evaluated(List<EpochReport> epochs) {
    return epochs.stream().filter(epoch -> !Double.isNaN(epoch.testLoss())).toList();
  }
}
