package org.murmuration.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.driver.spark.LocalCluster;

/** What is refused before any rank begins, with which exit code, and in which words. */
@Timeout(60)
class RefusalTest {
  private static final Duration LIMIT = Duration.ofSeconds(50);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.ofThisProcess();
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "train --jbo x.conf | Unknown options: '--jbo', 'x.conf'",
        "trian | Unmatched argument at index 0: 'trian'",
        "trian | Did you mean: murmuration train",
        "train --set | Missing required parameter for option '--set'",
        "evaluate | Missing required option: '--model=FILE'",
        "train --set train.epoch=3 | unknown key train.epoch in --set train.epoch=3; did you mean"
            + " train.epochs?",
        "describe --set train.epochs=ten | was \"ten\" (string), must be a whole number",
        "train --job none.conf | job file none.conf does not exist",
        "evaluate --model m.zip --job none.conf | job file none.conf does not exist",
        "doctor --job none.conf | job file none.conf does not exist",
        "train --set train.ranks=60 | train.ranks in --set train.ranks=60: was 60, must be <=",
      })
  void shouldRefuseBadUsage(String arguments, String message) throws Exception {
    refused(Murmuration.BAD_USAGE, arguments.split(" ")).contains(message);
  }

  @Test
  void shouldExplainItselfWhenNothingIsAsked() throws Exception {
    refused(Murmuration.BAD_USAGE)
        .contains("train", "evaluate", "describe", "doctor", "Exit codes");
  }

  @Test
  void shouldTellAllProblemsOfAJobAtOnce() throws Exception {
    var job = Files.writeString(folder.resolve("x.conf"), "train.bacth-size = 8\n");

    refused(Murmuration.BAD_USAGE, "train", "--job", job.toString(), "--set", "train.epochs=0")
        .contains("unknown key train.bacth-size in " + job + ":1; did you mean train.batch-size?")
        .contains("train.epochs in --set train.epochs=0: was 0, must be >= 1");
  }

  @Test
  void shouldRefuseAModelThatIsNotThere() throws Exception {
    var model = folder.resolve("none.zip");

    refused(Murmuration.FAILED, "evaluate", "--model", model.toString())
        .contains("the model file:" + model + " does not exist (--model)");
  }

  @Test
  void shouldRefuseDataThatIsNotThere() throws Exception {
    var data = folder.resolve("none");

    train(Murmuration.FAILED, "--set", "data.source=cifar10", "--set", "data.path=" + data)
        .contains("data.path = file:" + data + " does not exist");
  }

  @Test
  void shouldRefuseAnOutputFolderThatIsAFile() throws Exception {
    Files.createFile(folder.resolve("out"));

    train(Murmuration.FAILED)
        .contains("the output folder file:" + folder + "/out can't be made (--out): ")
        .contains("is not a directory");
  }

  @Test
  void shouldNotWriteOverAFinishedRun() throws Exception {
    Files.createDirectories(folder.resolve("out"));
    Files.writeString(folder.resolve("out/report.json"), "{}");

    train(Murmuration.FAILED)
        .contains("the output folder file:" + folder + "/out holds a finished run")
        .contains("choose another --out");
    assertThat(folder.resolve("out/report.json")).hasContent("{}");
  }

  @Test
  void shouldNotMixTwoRuns() throws Exception {
    Files.createDirectories(folder.resolve("out/checkpoints"));
    Files.createFile(folder.resolve("out/checkpoints/epoch-000001.ckpt"));

    train(Murmuration.FAILED).contains("holds a run that has begun: add --resume to go on with it");
  }

  @Test
  void shouldRefuseToResumeNothing() throws Exception {
    train(Murmuration.FAILED, "--resume")
        .contains("there is nothing to resume: ", "/out/checkpoints holds no checkpoint");
  }

  @Test
  void shouldRefuseToResumeWithOtherSettings() throws Exception {
    var data = CifarFolder.in(folder.resolve("data"), 20);
    var small =
        new String[] {
          "--set",
          "data.source=cifar10",
          "--set",
          "data.path=" + data.path(),
          "--set",
          "train.batch-size=10",
          "--set",
          "train.epochs=1"
        };
    var first = RunningCommand.run(LIMIT, arguments(small));
    assertThat(first.exitCode()).as(first.err()).isZero();
    var report = Files.readString(folder.resolve("out/report.json"));

    var other = Arrays.copyOf(small, small.length + 3);
    other[small.length] = "--resume";
    other[small.length + 1] = "--set";
    other[small.length + 2] = "train.optimizer.learning-rate=0.002";
    var outcome = RunningCommand.run(LIMIT, arguments(other));

    assertThat(outcome.exitCode()).isEqualTo(Murmuration.FAILED);
    assertThat(outcome.err().lines().filter(line -> line.startsWith("murmuration: ")))
        .singleElement()
        .asString()
        .contains("epoch-000001.ckpt belongs to another job: ")
        .contains("train.optimizer.learning-rate was 0.001, is 0.002")
        .doesNotContain(";");
    assertThat(folder.resolve("out/report.json")).hasContent(report);
  }

  @Test
  void shouldSayHowManySlotsAreMissing() throws Exception {
    var begun = System.nanoTime();

    train(Murmuration.FAILED, "--set", "train.ranks=3", "--set", "cluster.slots-timeout=3s")
        .contains("needs 3 task slots at once", "has 2 after 3 s (cluster.slots-timeout)")
        .contains("1 are missing");

    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isBetween(seconds(3), seconds(20));
  }

  @Nested
  class WithTasksTooWide {
    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.ofTwoExecutors().with("spark.task.cpus", "2");

    @Test
    void shouldSayInALineWhySparkDoesNotStart() throws Exception {
      train(Murmuration.FAILED)
          .contains("Spark did not start on local-cluster[2,1,1024]")
          .contains("cores per executor (=1) has to be >= the number of cpus per task = 2");
    }
  }

  @Nested
  class WithDynamicAllocation {
    @RegisterExtension
    static final LocalCluster CLUSTER =
        LocalCluster.ofThisProcess().with("spark.dynamicAllocation.enabled", "true");

    @Test
    void shouldRefuseWhatBarrierStagesCannotRunOn() throws Exception {
      train(Murmuration.FAILED)
          .contains("spark.dynamicAllocation.enabled = true: training is a barrier stage")
          .contains("--num-executors", "train.ranks");
    }
  }

  private AbstractStringAssert<?> train(int exitCode, String... more) throws Exception {
    return refused(exitCode, arguments(more));
  }

  private String[] arguments(String... more) {
    List<String> all = new ArrayList<>(List.of("train", "--out", folder.resolve("out").toString()));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  /** The message, in which no stack trace must be. */
  private static AbstractStringAssert<?> refused(int exitCode, String... arguments)
      throws Exception {
    var outcome = RunningCommand.run(LIMIT, arguments);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(exitCode);
    return assertThat(outcome.err()).doesNotContain("\tat ").doesNotContain("Exception");
  }

  private static Duration seconds(int seconds) {
    return Duration.ofSeconds(seconds);
  }
}
