package org.murmuration.driver.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.cli.RunningCommand;
import org.murmuration.driver.cli.RunningCommand.Outcome;
import org.murmuration.driver.spark.LocalCluster;

/**
 * One training whose driver is told to stop, resumed, killed, and resumed again although its newest
 * checkpoints are damaged; beside it the same training that nobody disturbs.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class StoppedDriverTest {
  private static final int SIGTERM = 143;
  private static final int SIGKILL = 137;
  private static final Duration LONG = Duration.ofMinutes(2);

  private final LocalCluster cluster = LocalCluster.ofTwoExecutors();
  private final LocalCluster here = LocalCluster.ofThisProcess();

  @TempDir private Path folder;

  @Test
  void shouldEndWithTheSameModelHoweverItsDriverEnds() throws Exception {
    var run = new Run(folder.resolve("stopped"));

    var stopped = stopInTime(run);
    refuseToBeginAnew(run);
    killTheDriver(run);
    spoilTheNewestCheckpoints(run);
    var resumed = resume(run);

    assertThat(resumed)
        .containsPattern("damaged +checkpoint .*ckpt is cut short; an older one is taken")
        .containsPattern("damaged +checkpoint .*ckpt has a damaged section .*; an older one")
        .contains("taking over the output folder of process")
        .containsPattern("resuming +after (step|epoch)");
    var undisturbed = undisturbed();
    assertThat(run.checksum()).isEqualTo(undisturbed.checksum());
    assertThat(run.report().get("epochs")).hasSize(Run.EPOCHS);
    assertThat(run.report().get("everySampleOnce").asBoolean()).isTrue();
    assertThat(stopped).isBetween(1, Run.EPOCHS - 1);
    assertThat(run.folder().resolve("_running.json")).doesNotExist();
  }

  /** Ranks that share a process make the same model. */
  private Run undisturbed() throws Exception {
    var run = new Run(folder.resolve("undisturbed"));
    var outcome = inThisProcess(run, false);
    assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isZero();
    return run;
  }

  private Outcome inThisProcess(Run run, boolean resume) throws Exception {
    return here.during(() -> RunningCommand.run(LONG, run.line(resume)));
  }

  /** A process that is told to stop saves first, and says how to go on. */
  private int stopInTime(Run run) throws Exception {
    try (var process = DriverProcess.start(folder, cluster, run.line(false))) {
      awaitEpochs(process, 2);
      process.terminate();

      assertThat(process.awaitEnd(Duration.ofSeconds(40))).isEqualTo(SIGTERM);
      assertThat(process.out())
          .contains("stopping    a checkpoint comes first, within 20 s (checkpoint.on-stop)")
          .containsPattern("stopped +after (step \\d+ of )?epoch \\d+; .*--resume --out file:");
      var where =
          Pattern.compile("stopped +(after .*?);").matcher(process.out()).results().findFirst();
      assertThat(newestFirst(run).get(0).getFileName().toString())
          .isEqualTo(fileName(where.orElseThrow().group(1)));
      assertThat(run.folder().resolve("model.zip")).doesNotExist();
      return Run.epochs(process.out());
    }
  }

  /** As positions are named by checkpoints. */
  private static String fileName(String position) {
    var step = Pattern.compile("after step (\\d+) of epoch (\\d+)").matcher(position);
    return step.matches()
        ? "epoch-%06d.step-%09d.ckpt"
            .formatted(Integer.parseInt(step.group(2)) - 1, Integer.parseInt(step.group(1)))
        : "epoch-%06d.ckpt".formatted(Integer.parseInt(position.replaceAll("\\D", "")));
  }

  private void refuseToBeginAnew(Run run) throws Exception {
    var outcome = inThisProcess(run, false);
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.err()).contains("holds a run that has begun: add --resume");
  }

  private void killTheDriver(Run run) throws Exception {
    try (var process = DriverProcess.start(folder, cluster, run.line(true))) {
      awaitEpochs(process, 5);
      refuseASecond(run);
      var executors = process.descendants();
      process.kill();
      assertThat(process.awaitEnd(LONG)).isEqualTo(SIGKILL);
      // They notice it, and what they still save until then is as good.
      await().atMost(LONG).until(() -> executors.stream().noneMatch(ProcessHandle::isAlive));
    }
  }

  private void refuseASecond(Run run) throws Exception {
    var second = inThisProcess(run, true);
    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.err())
        .contains("is in use: process ")
        .contains("Choose another --out, or stop that run first");
  }

  /** The newest is cut short, and a bit of the one before it flipped. */
  private static void spoilTheNewestCheckpoints(Run run) throws IOException {
    var newest = newestFirst(run);
    var cut = Files.readAllBytes(newest.get(0));
    Files.write(newest.get(0), Arrays.copyOf(cut, cut.length / 2));
    var flipped = Files.readAllBytes(newest.get(1));
    flipped[flipped.length / 3] ^= 16;
    Files.write(newest.get(1), flipped);
  }

  private String resume(Run run) throws Exception {
    try (var process = DriverProcess.start(folder, cluster, run.line(true))) {
      assertThat(process.awaitEnd(LONG)).as(process.out() + process.err()).isZero();
      return process.out();
    }
  }

  private static List<Path> newestFirst(Run run) throws IOException {
    try (var files = Files.list(run.folder().resolve("checkpoints"))) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(".ckpt"))
          .sorted(Comparator.<Path>reverseOrder())
          .toList();
    }
  }

  private static void awaitEpochs(DriverProcess process, int epoch) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> !process.isAlive() || Run.epochs(process.out()) >= epoch);
    assertThat(process.isAlive()).as(process.out() + process.err()).isTrue();
  }
}
