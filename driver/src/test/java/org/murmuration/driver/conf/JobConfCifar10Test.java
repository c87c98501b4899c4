package org.murmuration.driver.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.murmuration.worker.model.LayerSpec.ActivationKind;
import org.murmuration.worker.model.LayerSpec.Conv;
import org.murmuration.worker.model.LayerSpec.Dense;
import org.murmuration.worker.model.LayerSpec.Normalize;
import org.murmuration.worker.model.LayerSpec.Pool;
import org.murmuration.worker.model.LayerSpec.PoolKind;
import org.murmuration.worker.model.LayerSpec.Scale;
import org.murmuration.worker.model.NetworkSpec;
import org.murmuration.worker.model.OptimizerSpec.Kind;
import org.murmuration.worker.model.ScheduleSpec.Shape;

/** The job file that users start from is the reference experiment to the letter. */
class JobConfCifar10Test {
  private final JobConf conf =
      JobConf.load(Optional.of(root().resolve("conf/cifar10.conf")), List.of());

  @Test
  void shouldBuildTheReferenceNetwork() {
    assertThat(conf.network())
        .isEqualTo(
            new NetworkConf(
                List.of(
                    new Scale(255), new Normalize(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5))),
                Optional.empty(),
                List.of(
                    new Conv(6, 5, 1, 0, false, true, ActivationKind.RELU),
                    new Pool(PoolKind.MAX, 2, 2, 0),
                    new Conv(16, 5, 1, 0, false, true, ActivationKind.RELU),
                    new Pool(PoolKind.MAX, 2, 2, 0),
                    new Dense(120, true, ActivationKind.RELU),
                    new Dense(84, true, ActivationKind.RELU)),
                NetworkSpec.Init.PYTORCH));
  }

  @Test
  void shouldTrainAsTheReferenceDoes() {
    assertThat(conf.data().source()).isEqualTo(DataConf.Source.CIFAR10);
    assertThat(conf.data().path()).isEmpty();
    assertThat(conf.train().batchSize()).isEqualTo(128);
    assertThat(conf.train().epochs()).isEqualTo(10);
    assertThat(conf.train().ranks()).isEqualTo(RankRange.AUTO);
    assertThat(conf.optimizer().kind()).isEqualTo(Kind.MOMENTUM);
    assertThat(conf.optimizer().learningRate()).isEqualTo(0.001);
    assertThat(conf.optimizer().momentum()).isEqualTo(0.9);
    assertThat(conf.optimizer().weightDecay()).isZero();
    assertThat(conf.optimizer().schedule().shape()).isEqualTo(Shape.CONSTANT);
    assertThat(conf.optimizer().schedule().warmupSteps()).isZero();
  }

  /** The folder of the checkout, which holds the Maven wrapper. */
  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("mvnw"))) {
      folder = folder.getParent();
    }
    return folder;
  }
}
