package org.murmuration.driver.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.spark.ExecutorProcess;
import org.murmuration.driver.spark.StandaloneCluster;

/** Executors of a standalone cluster are killed; its worker starts others. */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class StandaloneKillsTest {
  @TempDir private Path folder;

  @Test
  void shouldMakeTheSameModelAfterAKill() throws Exception {
    kill(1, Run.EPOCHS);
  }

  @Test
  @Tag("torture")
  void shouldMakeTheSameModelAfterTwentyKills() throws Exception {
    kill(20, 300);
  }

  private void kill(int kills, int epochs) throws Exception {
    var seed = System.nanoTime();
    var random = new Random(seed);
    var length = "train.epochs=" + epochs;
    try (var cluster = new StandaloneCluster(folder, 2)) {
      var settings = cluster.settings().with("spark.cores.max", "2");
      var whole = new Run(folder.resolve("undisturbed"));
      try (var process = DriverProcess.start(folder, settings, whole.line(false, length))) {
        assertThat(process.awaitEnd(Duration.ofMinutes(8)))
            .as(process.out() + process.err())
            .isZero();
      }
      var begun = Instant.now();
      var run = new Run(folder.resolve("killed"));
      try (var process = DriverProcess.start(folder, settings, run.line(false, length))) {
        for (int moment : random.ints(kills, 1, epochs / 2).sorted().toArray()) {
          await()
              .atMost(Duration.ofMinutes(2))
              .until(() -> !process.isAlive() || Run.epochs(process.out()) >= moment);
          var executors = ExecutorProcess.all();
          if (!executors.isEmpty()) {
            executors.get(random.nextInt(executors.size())).kill();
          }
        }
        assertThat(process.awaitEnd(Duration.ofMinutes(10)))
            .as("seed " + seed + process.out() + process.err())
            .isZero();
      }
      var same = run.checksum().equals(whole.checksum());
      var seconds = run.report().get("restarts").findValues("seconds");
      Nights.tell(
          "%d executors of a standalone cluster killed, seed %d".formatted(kills, seed),
          "the same model",
          "%d restarts, seconds to the next step: %s".formatted(seconds.size(), seconds),
          begun,
          same ? "same model" : "ANOTHER MODEL");
      assertThat(same).as("seed " + seed).isTrue();
      assertThat(run.report().get("restarts")).isNotEmpty();
    }
  }
}
