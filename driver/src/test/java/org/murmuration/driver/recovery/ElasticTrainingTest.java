package org.murmuration.driver.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.spark.ExecutorProcess;
import org.murmuration.driver.spark.LocalCluster;

/** A job whose number of ranks follows what the cluster has. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ElasticTrainingTest {
  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3);

  @TempDir private Path folder;

  @Test
  void shouldGoOnWithFewerAndTakeMoreWithTheNextEpoch() throws Exception {
    var run = new Run(folder.resolve("elastic"));
    var begun = Instant.now();
    try (var command =
        run.start("train.ranks=2..3", "train.regrow-after=500ms", "train.epochs=35")) {
      Run.awaitEpoch(command, 12);
      ExecutorProcess.all().get(0).kill();
      var outcome = command.awaitEnd(Duration.ofMinutes(3));

      assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isZero();
      assertThat(outcome.out())
          .containsPattern("training cifar10-sample on [23] ranks")
          .containsPattern("going on +after .* with 2 ranks, 3 before")
          .containsPattern("going on +after epoch \\d+ with 3 ranks, 2 before");
    }
    var report = run.report();
    Nights.tell(
        "one of three executors killed, train.ranks = 2..3",
        "goes on with two, with three once it is replaced, every sample once an epoch",
        "ranks " + report.get("restarts").findValues("ranks"),
        begun,
        "rounding differs with the number of ranks");
    assertThat(report.get("worldSize").asInt()).isEqualTo(3);
    assertThat(report.get("everySampleOnce").asBoolean()).isTrue();
    assertThat(report.get("epochs")).hasSize(35);
    assertThat(
            StreamSupport.stream(report.get("epochs").spliterator(), false)
                .map(epoch -> epoch.get("sampleHash").asText())
                .distinct())
        .hasSize(1);
  }
}
