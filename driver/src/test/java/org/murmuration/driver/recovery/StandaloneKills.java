package org.murmuration.driver.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.murmuration.driver.spark.ExecutorProcess;
import org.murmuration.driver.spark.StandaloneCluster;

/** Kills executors of a standalone cluster, whose workers start others. */
record StandaloneKills(Path folder) {

  /**
   * Trains on a cluster of its own.
   *
   * @param kills of executors, at random moments
   * @param expected the checksum of the model of the same training, undisturbed
   */
  void kill(int kills, int epochs, String expected) throws Exception {
    var seed = System.nanoTime();
    var random = new Random(seed);
    var length = "train.epochs=" + epochs;
    try (var cluster =
        new StandaloneCluster(Files.createDirectory(folder.resolve("cluster " + seed)), 2)) {
      var settings = cluster.settings().with("spark.cores.max", "2");
      var begun = Instant.now();
      var run = new Run(folder.resolve("standalone " + seed));
      int killed = 0;
      try (var process = DriverProcess.start(folder, settings, run.line(false, length))) {
        for (int moment : random.ints(kills, 1, epochs / 2).sorted().toArray()) {
          await()
              .atMost(Duration.ofMinutes(2))
              .until(() -> !process.isAlive() || Run.epochs(process.out()) >= moment);
          killed += ExecutorProcess.killOne(random);
        }
        assertThat(process.awaitEnd(Duration.ofMinutes(10)))
            .as("seed " + seed + process.out() + process.err())
            .isZero();
      }
      var same = run.checksum().equals(expected);
      Nights.tellKills(
          "%d executors of a standalone cluster killed, seed %d".formatted(killed, seed),
          run.report().get("restarts"),
          begun,
          same);
      assertThat(same).as("seed " + seed).isTrue();
      assertThat(run.report().get("restarts")).isNotEmpty();
    }
  }
}
