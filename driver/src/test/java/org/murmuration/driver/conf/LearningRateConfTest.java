package org.murmuration.driver.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Images per step by the number of ranks, and a learning rate that goes with them. */
class LearningRateConfTest {

  @Test
  void shouldScaleTheLearningRateWithTheImagesOfAStep() {
    JobConf conf =
        JobConf.load(
            Optional.empty(),
            List.of(
                "train.ranks=4",
                "train.batch-per-rank=64",
                "train.epochs=90",
                "train.optimizer.learning-rate=0.1",
                "train.optimizer.learning-rate-for=64"));

    assertThat(conf.train().batchSize()).isEqualTo(256);
    assertThat(conf.optimizer().learningRate()).isEqualTo(0.4);
    assertThat(conf.train().warmupEpochs()).isEqualTo(5);
  }

  @Test
  void shouldNotWarmUpWhereTheRateIsNotRaisedOrRisesAnyway() {
    List<String> raised = List.of("train.batch-size=64", "train.optimizer.learning-rate-for=32");

    assertThat(JobConf.load(Optional.empty(), List.of()).train().warmupEpochs()).isZero();
    assertThat(JobConf.load(Optional.empty(), raised).train().warmupEpochs()).isEqualTo(1.5);
    for (String own : List.of("train.schedule.type=one-cycle", "train.schedule.warmup-steps=7")) {
      List<String> all = List.of(raised.get(0), raised.get(1), own);
      assertThat(JobConf.load(Optional.empty(), all).train().warmupEpochs()).isZero();
    }
  }

  @Test
  void shouldRefuseWhatDoesNotGoWithBatchesPerRank() {
    assertThat(JobFile.problemsOf(Optional.empty(), "train.batch-per-rank=8"))
        .containsExactly(
            "train.ranks in default: was \"auto\", must be a number with"
                + " train.batch-per-rank (8, --set train.batch-per-rank=8), as the number of images"
                + " per step follows from it");
    assertThat(
            JobFile.problemsOf(
                Optional.empty(),
                "train.batch-per-rank=8",
                "train.ranks=2",
                "train.batch-size=8",
                "train.average-weights=0.9",
                "averaging.every=2"))
        .hasSize(2)
        .anyMatch(problem -> problem.startsWith("train.batch-size in --set"))
        .anyMatch(problem -> problem.startsWith("train.average-weights in --set"));
  }
}
