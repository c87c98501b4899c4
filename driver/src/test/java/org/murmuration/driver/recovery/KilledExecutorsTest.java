package org.murmuration.driver.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.spark.ExecutorProcess;
import org.murmuration.driver.spark.LocalCluster;

/** Whatever becomes of executors, the model is the one that an undisturbed run makes. */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class KilledExecutorsTest {
  @RegisterExtension
  static final LocalCluster CLUSTER =
      LocalCluster.ofTwoExecutors().with("spark.decommission.enabled", "true");

  private static final int LONG_EPOCHS = 300;

  @TempDir private static Path folder;
  private static String undisturbed;

  @BeforeAll
  static void trainUndisturbed() throws Exception {
    var run = new Run(folder.resolve("undisturbed"));
    try (var command = run.start()) {
      assertThat(command.awaitEnd(Duration.ofMinutes(2)).exitCode()).isZero();
    }
    undisturbed = run.checksum();
  }

  /** Lets something happen in the middle of a training, and looks at what it comes to. */
  private static JsonNode disturb(
      String what, String expected, Disturbance disturbance, String... settings) throws Exception {
    var run = new Run(folder.resolve(what));
    var begun = Instant.now();
    try (var command = run.start(settings)) {
      Run.awaitEpoch(command, 2);
      disturbance.happen(ExecutorProcess.all());
      var outcome = command.awaitEnd(Duration.ofMinutes(3));
      assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isZero();
    }
    var report = run.report();
    assertThat(report.get("restarts")).hasSize(1);
    var restart = report.get("restarts").get(0);
    var same = report.get("parameterChecksum").asText().equals(undisturbed);
    Nights.tell(
        what,
        expected,
        "%s, %s s to the next step"
            .formatted(restart.get("reason").asText(), restart.get("seconds")),
        begun,
        same ? "same model" : "ANOTHER MODEL");
    assertThat(same).as(report.toString()).isTrue();
    assertThat(report.get("everySampleOnce").asBoolean()).isTrue();
    return restart;
  }

  /** What happens to executors. */
  private interface Disturbance {
    void happen(List<ExecutorProcess> executors) throws Exception;
  }

  /**
   * The end of its process is put off until all ranks have saved. Only that makes a checkpoint
   * here.
   */
  @Test
  void shouldSaveBeforeAnExecutorEndsThatIsToldTo() throws Exception {
    var restart =
        disturb(
            "executor told to end (SIGTERM)",
            "saves first, goes on there with another",
            executors -> executors.get(1).terminate(),
            "checkpoint.every-steps=never",
            "checkpoint.every=1000");

    assertThat(restart.get("fromEpoch").asInt()).isPositive();
  }

  /** Spark tells of it, and gives the executor nothing more to do. */
  @Test
  void shouldSaveBeforeAnExecutorIsDecommissioned() throws Exception {
    var restart =
        disturb(
            "executor decommissioned (SIGPWR)",
            "saves first, goes on there with another",
            executors -> executors.get(0).decommission(),
            "checkpoint.every-steps=never",
            "checkpoint.every=1000");

    assertThat(restart.get("fromEpoch").asInt()).isPositive();
    assertThat(restart.get("reason").asText()).isEqualTo("stopped for a change of executors");
  }

  @Test
  void shouldReplaceAnExecutorThatStandsStillForTooLong() throws Exception {
    var restart =
        disturb(
            "executor stands still (SIGSTOP)",
            "is replaced, goes on from the newest checkpoint",
            executors -> executors.get(0).suspend(),
            "averaging.peer-timeout=4s");

    assertThat(restart.get("reason").asText())
        .matches(
            "rank ([01]) \\(executor .*\\) failed: .*rank (?!\\1)[01] at 127\\.0\\.0\\.1:\\d+"
                + " (is silent: last heard .*averaging\\.peer-timeout"
                + "|has died or stands still, and with it the media driver).*");
  }

  @Test
  void shouldMakeTheSameModelWhenExecutorsAreKilledAtAnyMoment() throws Exception {
    killAtRandom(3, Run.EPOCHS, undisturbed);
  }

  @Test
  void shouldMakeTheSameModelOnAStandaloneClusterWhoseExecutorIsKilled() throws Exception {
    new StandaloneKills(folder).kill(1, Run.EPOCHS, undisturbed);
  }

  /** By hand: five trainings of twenty kills. */
  @Test
  @Tag("torture")
  void shouldMakeTheSameModelAfterAHundredKills() throws Exception {
    var expected = longUndisturbed();
    for (int training = 0; training < 5; training++) {
      killAtRandom(20, LONG_EPOCHS, expected);
    }
  }

  @Test
  @Tag("torture")
  void shouldMakeTheSameModelAfterTwentyKillsOnAStandaloneCluster() throws Exception {
    new StandaloneKills(folder).kill(20, LONG_EPOCHS, longUndisturbed());
  }

  private static String longUndisturbed() throws Exception {
    var whole = new Run(folder.resolve("long undisturbed " + System.nanoTime()));
    try (var command = whole.start("train.epochs=" + LONG_EPOCHS)) {
      assertThat(command.awaitEnd(Duration.ofMinutes(8)).exitCode()).isZero();
    }
    return whole.checksum();
  }

  /**
   * Kills when random numbers of epochs are done, and sometimes once more while ranks come back.
   */
  private static void killAtRandom(int kills, int epochs, String expected) throws Exception {
    var seed = System.nanoTime();
    var begun = Instant.now();
    var random = new Random(seed);
    var run = new Run(folder.resolve("killed " + seed));
    var moments = random.ints(kills, 1, epochs - 1).sorted().toArray();
    int killed = 0;
    try (var command = run.start("train.epochs=" + epochs)) {
      for (int moment : moments) {
        Run.awaitEpoch(command, moment);
        // Within the epochs that follow, or while ranks start again.
        var delay = random.nextInt(4) == 0 ? random.nextInt(6000) : random.nextInt(150);
        var pause = Duration.ofMillis(delay);
        await().pollDelay(pause).atMost(pause.plusSeconds(5)).until(() -> true);
        killed += ExecutorProcess.killOne(random);
      }
      var outcome = command.awaitEnd(Duration.ofMinutes(10));
      assertThat(outcome.exitCode())
          .as("seed " + seed + "\n" + outcome.out() + outcome.err())
          .isZero();
      var report = run.report();
      var same = report.get("parameterChecksum").asText().equals(expected);
      Nights.tellKills(
          "%d executors killed at random moments, seed %d".formatted(killed, seed),
          report.get("restarts"),
          begun,
          same);
      assertThat(same).as("seed " + seed).isTrue();
      for (var epoch : report.get("epochs")) {
        assertThat(epoch.get("samples").asInt()).isEqualTo(2500);
        assertThat(epoch.get("sampleHash")).isEqualTo(epoch.get("expectedSampleHash"));
      }
      assertThat(report.get("everySampleOnce").asBoolean()).as("seed " + seed).isTrue();
    }
  }
}
