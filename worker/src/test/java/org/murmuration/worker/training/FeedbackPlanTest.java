package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.accel.PreparedBackend;
import org.murmuration.worker.data.Feed;
import org.murmuration.worker.model.OptimizerSpec.Kind;
import org.murmuration.worker.training.FeedbackPlan.Score;

@ExtendWith(PreparedBackend.class)
class FeedbackPlanTest {
  private static EpochReport epoch(double loss, double testLoss) {
    return new EpochReport(
        1,
        1,
        1,
        loss,
        1,
        1,
        1,
        0,
        0,
        0,
        new RankTimes(0, 1, 0, 0, 0),
        testLoss,
        0.5,
        new Coverage(1, "1", 1, "1"),
        "");
  }

  @Test
  void shouldAugmentMoreWhileTheTestLossIsFarAbove() {
    var plan = new FeedbackPlan(Score.LOSS, 0.2);
    List<EpochReport> epochs = new ArrayList<>();
    assertThat(plan.strength(epochs)).isZero();
    epochs.add(epoch(1, 1.1));
    assertThat(plan.strength(epochs)).isZero();
    epochs.add(epoch(1, 1.3));
    epochs.add(epoch(1, 1.3));
    epochs.add(epoch(1, Double.NaN));
    assertThat(plan.strength(epochs)).isCloseTo(0.2, within(1e-9));
    epochs.add(epoch(1, 1.1));
    assertThat(plan.strength(epochs)).isCloseTo(0.1, within(1e-9));
    for (int i = 0; i < 20; i++) {
      epochs.add(epoch(1, 2));
    }
    assertThat(plan.strength(epochs)).isCloseTo(1, within(1e-9));
    assertThat(FeedbackPlan.defaults().strength(List.of())).isEqualTo(1);
  }

  private static TrainingResult train(Path folder, int epochs, int firstEpoch) {
    var network =
        Nets.configuration(Nets.small(Nets.BATCH_NORM), Nets.optimizer(Kind.ADAM, 0.005, 0));
    var job =
        new TrainingJob(
            network.toJson(),
            Nets.INIT,
            ComputationSettings.PLAIN,
            new TrainingPlan(epochs, 4, 1, 1),
            SampleData.USE,
            folder.toUri().toString(),
            3,
            Position.after(firstEpoch),
            new TreeMap<>(Map.of("seed", "4")));
    try (var batches = SampleData.training(90, 32, 4, 0, 1, new Feed.Importance(0.3));
        var test = SampleData.test(40, 16, 0, 1)) {
      return new TrainingRank(job, new LoneRank(0), new Configuration(false))
          .run(batches, Optional.of(test), TrainingRankTest.NOBODY);
    }
  }

  /** What is known of the images goes on with a run. */
  @Test
  void shouldTakeTheSameCourseWhenInterruptedAndResumed(@TempDir Path folder) {
    var whole = train(folder.resolve("whole"), 4, 0);
    train(folder.resolve("parts"), 2, 0);
    var resumed = train(folder.resolve("parts"), 4, 2);

    assertThat(resumed.parameterChecksum()).isEqualTo(whole.parameterChecksum());
  }
}
