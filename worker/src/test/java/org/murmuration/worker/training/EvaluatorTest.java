package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.accel.PreparedBackend;
import org.murmuration.worker.collective.Ranks;
import org.nd4j.evaluation.classification.Evaluation;

/** DL4J's own evaluation is the truth. */
@ExtendWith(PreparedBackend.class)
@Timeout(60)
class EvaluatorTest {
  private static final int BATCH = 64;

  /** A network that has learned a little and has batch normalisation and dropout. */
  private static Replica trained() {
    var configuration =
        Nets.configuration(Nets.small(Nets.BATCH_NORM, Nets.DROPOUT), Nets.momentum(0.02));
    return World.train(
            1,
            configuration,
            new TrainingPlan(2, 1, 1, 1),
            (rank, size) -> SampleData.training(320, 32, 1, rank, size))
        .ranks()
        .get(0)
        .replica();
  }

  /** Two samples over three ranks: one has none. */
  @ParameterizedTest
  @CsvSource({"1, 300", "3, 300", "3, 2"})
  void shouldCountAsDl4jDoes(int worldSize, int samples) {
    var replica = trained();
    var expected = new Evaluation(SampleData.CLASSES);
    double lossSum = 0;
    try (var all = SampleData.test(samples, samples, 0, 1)) {
      var batch = all.batch(0, 0);
      expected.eval(batch.getLabels(0), replica.graph().output(false, batch.getFeatures())[0]);
      lossSum = replica.graph().score(batch, false) * samples;
    }

    var matrices =
        Ranks.inMemory(
            worldSize,
            8_128,
            collective -> {
              var own = new Replica(replica.graph().clone());
              own.restore(replica.state());
              try (var share =
                  SampleData.test(samples, BATCH, collective.rank(), collective.worldSize())) {
                return Evaluator.evaluate(own, share, SampleData.CLASSES, collective);
              }
            });

    assertThat(matrices).hasSize(worldSize);
    for (var matrix : matrices) {
      assertThat(matrix.samples()).isEqualTo(samples);
      assertThat(matrix.accuracy()).isCloseTo(expected.accuracy(), within(1e-12));
      for (int actual = 0; actual < SampleData.CLASSES; actual++) {
        for (int predicted = 0; predicted < SampleData.CLASSES; predicted++) {
          assertThat(matrix.count(actual, predicted))
              .isEqualTo(expected.getConfusionMatrix().getCount(actual, predicted));
        }
      }
      assertThat(matrix.meanLoss()).isCloseTo(lossSum / samples, within(1e-6));
      assertThat(matrix.rows()).isEqualTo(matrices.get(0).rows());
      assertThat(matrix.meanLoss()).isEqualTo(matrices.get(0).meanLoss());
    }
  }
}
