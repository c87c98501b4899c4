package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.accel.PreparedBackend;
import org.murmuration.worker.model.OptimizerSpec.Kind;

@ExtendWith(PreparedBackend.class)
class WeightAverageTest {
  private static final double DECAY = 0.8;

  @Test
  void shouldBeTheMeanThatItsFormulaSays() {
    var random = new Random(3);
    int length = 2_500;
    var parameters = new float[length];
    var truth = new double[length];
    for (int i = 0; i < length; i++) {
      parameters[i] = random.nextFloat();
      truth[i] = parameters[i];
    }
    var average = new WeightAverage(DECAY, FloatBuffer.wrap(parameters));
    for (int step = 1; step <= 60; step++) {
      double kept = Math.min(DECAY, (1.0 + step) / (10.0 + step));
      for (int i = 0; i < length; i++) {
        parameters[i] += random.nextFloat() - 0.5f;
        truth[i] = kept * truth[i] + (1 - kept) * parameters[i];
      }
      average.add(FloatBuffer.wrap(parameters), step);
    }

    var mean = average.values();
    for (int i = 0; i < length; i++) {
      assertThat((double) mean.get(i)).isCloseTo(truth[i], within(1e-5));
    }
    var before = parameters.clone();
    average.exchange(FloatBuffer.wrap(parameters));
    assertThat(FloatBuffer.wrap(parameters)).isEqualTo(mean);
    assertThat(average.values()).isEqualTo(FloatBuffer.wrap(before));
  }

  /** A rank that keeps the mean; SGD by itself is the same without. */
  private static TrainingResult train(Path folder, int epochs, int firstEpoch, double decay) {
    var network =
        Nets.configuration(Nets.small(Nets.BATCH_NORM), Nets.optimizer(Kind.SGD, 0.05, 0));
    var plan =
        new TrainingPlan(
            epochs,
            4,
            1,
            CheckpointPlan.everyEpochs(1),
            AveragingPlan.defaults(),
            0,
            decay,
            FeedbackPlan.defaults(),
            BestPlan.defaults(),
            0,
            NumbersPlan.defaults(),
            epochs);
    var job =
        new TrainingJob(
            network.toJson(),
            Nets.INIT,
            ComputationSettings.PLAIN,
            plan,
            SampleData.USE,
            folder.toUri().toString(),
            3,
            Position.after(firstEpoch),
            new TreeMap<>(Map.of("seed", "4")));
    try (var batches = SampleData.training(90, 32, 4, 0, 1);
        var test = SampleData.test(40, 16, 0, 1)) {
      return new TrainingRank(job, new LoneRank(0), new Configuration(false))
          .run(batches, Optional.of(test), TrainingRankTest.NOBODY);
    }
  }

  @Test
  void shouldBeEvaluatedAndSavedWithoutChangingTheCourse(@TempDir Path folder) throws Exception {
    var plain = train(folder.resolve("plain"), 3, 0, 0);
    var averaged = train(folder.resolve("mean"), 3, 0, DECAY);

    assertThat(averaged.parameterChecksum()).isEqualTo(plain.parameterChecksum());
    assertThat(averaged.epochs().get(2).testLoss()).isNotEqualTo(plain.epochs().get(2).testLoss());
    var configuration = new Configuration(false);
    var saved = ModelFile.read(path(folder, "mean", TrainingJob.MODEL_FILE), configuration);
    try (var replica = new Replica(saved.graph());
        var test = SampleData.test(40, 16, 0, 1)) {
      var matrix = Evaluator.evaluate(replica, test, SampleData.CLASSES, new LoneRank(0));
      assertThat(matrix.meanLoss()).isEqualTo(averaged.epochs().get(2).testLoss());
    }
  }

  @Test
  void shouldGoOnFromACheckpoint(@TempDir Path folder) {
    var whole = train(folder.resolve("whole"), 4, 0, DECAY);
    train(folder.resolve("parts"), 2, 0, DECAY);
    var resumed = train(folder.resolve("parts"), 4, 2, DECAY);

    assertThat(resumed.epochs().get(3).testLoss()).isEqualTo(whole.epochs().get(3).testLoss());
    assertThat(resumed.parameterChecksum()).isEqualTo(whole.parameterChecksum());
  }

  private static org.apache.hadoop.fs.Path path(Path folder, String run, String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(run).resolve(name).toUri());
  }
}
