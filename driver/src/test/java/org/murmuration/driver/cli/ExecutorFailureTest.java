package org.murmuration.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.cli.RunningCommand.Outcome;
import org.murmuration.driver.spark.ExecutorProcess;
import org.murmuration.driver.spark.LocalCluster;

/** What a person is told when an executor dies, hangs, or meets data that it can't read. */
@Timeout(120)
class ExecutorFailureTest {
  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.ofTwoExecutors();
  @TempDir private Path folder;

  @Test
  void shouldNameTheRankWhoseExecutorWasKilled() throws Exception {
    var buffers = Files.createDirectory(folder.resolve("aeron"));
    try (var command = startTraining("train.epochs=100000", "averaging.directory=" + buffers)) {
      var victim = executorsInMidTraining(command).get(0);
      victim.kill();

      var outcome = command.awaitEnd(Duration.ofSeconds(30));

      assertFailed(outcome)
          .matches(
              "murmuration: rank [01] \\(executor %s on (127\\.0\\.0\\.1|localhost)\\) was lost: .* code 137 \\(137: it was killed; .*spark\\.executor\\.memoryOverhead.*\\)"
                  .formatted(victim.executorId()));
      assertThat(folder.resolve("report.json")).doesNotExist();
      assertThat(folder.resolve("model.zip")).doesNotExist();
      // What --resume goes on from.
      assertThat(folder.resolve("checkpoints")).isNotEmptyDirectory();
      // Both used one driver: where the dead one ran it, the next job removes its buffers.
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(buffers.toFile().list()).hasSizeLessThanOrEqualTo(1));
    }
  }

  @Test
  void shouldGoOnWhenAnExecutorStoodStillForLessThanThePeerTimeoutAllows() throws Exception {
    try (var command = startTraining("train.epochs=100000", "averaging.peer-timeout=60s")) {
      var executor = executorsInMidTraining(command).get(0);
      executor.suspend();
      // Longer than any of Aeron's own time-outs. They start with the last sign of life.
      var standstill = Duration.ofSeconds(12);
      await().pollDelay(standstill).atMost(standstill.plusSeconds(5)).until(() -> true);
      var epochs = epochsShown(command);
      executor.resume();

      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> command.isDone() || epochsShown(command) > epochs + 2);
      assertThat(command.isDone()).as("gave up").isFalse();
    }
  }

  @Test
  void shouldNameTheFileAndThePlaceOfDataThatIsCutShort() throws Exception {
    var data = CifarFolder.in(folder.resolve("data"), 20);
    data.cutShort("data_batch_3.bin", 100);

    try (var command =
        startTraining("data.source=cifar10", "data.path=" + data.path(), "train.batch-size=10")) {
      var outcome = command.awaitEnd(Duration.ofSeconds(60));

      assertThat(outcome.exitCode()).isEqualTo(Murmuration.FAILED);
      // Found before any rank begins, so there is nothing to resume.
      assertThat(outcome.err())
          .doesNotContain("org.murmuration.", "--resume")
          .containsPattern("murmuration: task 0 \\(executor \\d+ on .*\\) failed: data_batch_3")
          .contains("data_batch_3.bin in file:" + data.path() + " has 6246 bytes")
          // Two whole records of 3,073 bytes come before the cut.
          .contains("the last whole record ends at byte 6146, 100 bytes follow")
          .contains("cut short");
    }
  }

  private RunningCommand startTraining(String... settings) {
    List<String> arguments = new ArrayList<>(List.of("train", "--out", folder.toString()));
    // What is told of a failure is what this is about, and not what comes after it.
    arguments.addAll(List.of("--set", "train.max-failures=0"));
    for (var setting : settings) {
      arguments.addAll(List.of("--set", setting));
    }
    return RunningCommand.start(arguments.toArray(String[]::new));
  }

  /** The two executors, after the first epoch was shown. */
  private static List<ExecutorProcess> executorsInMidTraining(RunningCommand command) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> command.isDone() || command.out().contains("epoch  1/"));
    assertThat(command.isDone()).as("ended too early").isFalse();
    var executors = ExecutorProcess.all();
    assertThat(executors).hasSize(2);
    return executors;
  }

  private static long epochsShown(RunningCommand command) {
    return command.out().lines().filter(line -> line.startsWith("epoch ")).count();
  }

  /**
   * The message, with how to go on below it. Spark itself may have printed before it while it took
   * down its executors, but nothing of ours.
   */
  private AbstractStringAssert<?> assertFailed(Outcome outcome) {
    assertThat(outcome.exitCode()).isEqualTo(Murmuration.FAILED);
    assertThat(outcome.err()).doesNotContain("org.murmuration.");
    var lines = outcome.err().lines().dropWhile(line -> !line.startsWith("murmuration: ")).toList();
    assertThat(lines).as(outcome.err()).hasSize(2);
    assertThat(lines.get(1)).contains("--resume --out file:" + folder);
    return assertThat(lines.get(0));
  }
}
