package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.murmuration.worker.training.BestPlan.Metric;

class BestPlanTest {
  private static final double NONE = Double.NaN;

  /** Losses 3, -, 1, 2, 1 and accuracies 0.1, -, 0.5, 0.7, 0.7. */
  private static final List<EpochReport> EPOCHS =
      epochs(new double[] {3, NONE, 1, 2, 1}, new double[] {0.1, NONE, 0.5, 0.7, 0.7});

  @Test
  void findsTheFirstOfTheBestByEitherMetric() {
    assertThat(plan(Metric.LOSS, 0).best(EPOCHS).orElseThrow().epoch()).isEqualTo(3);
    assertThat(plan(Metric.ACCURACY, 0).best(EPOCHS).orElseThrow().epoch()).isEqualTo(4);
    assertThat(plan(Metric.LOSS, 0).best(EPOCHS.subList(1, 2))).isEmpty();
  }

  @Test
  void losesPatienceAfterSoManyEvaluationsWithoutABetterOne() {
    assertThat(plan(Metric.LOSS, 2).isOver(EPOCHS.subList(0, 4))).isFalse();
    assertThat(plan(Metric.LOSS, 2).isOver(EPOCHS)).isTrue();
    assertThat(plan(Metric.LOSS, 3).isOver(EPOCHS)).isFalse();
    assertThat(plan(Metric.ACCURACY, 1).isOver(EPOCHS.subList(0, 4))).isFalse();
    assertThat(plan(Metric.ACCURACY, 1).isOver(EPOCHS)).isTrue();
    assertThat(plan(Metric.ACCURACY, 0).isOver(EPOCHS)).isFalse();
    assertThat(plan(Metric.ACCURACY, 1).isOver(List.of())).isFalse();
  }

  private static BestPlan plan(Metric metric, int patience) {
    return new BestPlan(metric, patience, false);
  }

  private static List<EpochReport> epochs(double[] losses, double[] accuracies) {
    List<EpochReport> epochs = new ArrayList<>();
    for (int i = 0; i < losses.length; i++) {
      epochs.add(
          new EpochReport(
              i + 1,
              1,
              1,
              1,
              1,
              1,
              1,
              0,
              0,
              0,
              new RankTimes(0, 1, 0, 0, 0),
              losses[i],
              accuracies[i],
              new Coverage(1, "1", 1, "1"),
              ""));
    }
    return epochs;
  }
}
