package org.murmuration.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.spark.LocalCluster;

/** Training on images in folders, and on what is prepared of them. */
@Timeout(120)
class PreparedTrainingTest {
  private static final Duration LIMIT = Duration.ofSeconds(100);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.ofThisProcess();
  @TempDir private Path folder;

  @BeforeEach
  void writeImages() throws IOException {
    PngFolders.write(folder.resolve("images"), 12);
  }

  @Test
  void shouldTrainTheSameNetworkOnFoldersAsOnWhatIsPreparedOfThem() throws Exception {
    preprocess("--set", "preprocess.keep=encoded", "--set", "preprocess.test-fraction=0.25");
    var common =
        List.of(
            "train",
            "--set",
            "train.batch-size=10",
            "--set",
            "train.epochs=1",
            "--set",
            "train.ranks=2",
            "--set",
            "data.source=prepared",
            "--set",
            "data.path=" + folder.resolve("out"));
    var encoded = new ArrayList<>(common);
    encoded.addAll(List.of("--out", folder.resolve("encoded").toString()));

    var outcome = RunningCommand.run(LIMIT, encoded.toArray(String[]::new));

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("90 training and 30 test images of 10 classes");
    Files.move(folder.resolve("out"), folder.resolve("first"));
    preprocess("--set", "preprocess.keep=pixels", "--set", "preprocess.test-fraction=0.25");
    var pixels = new ArrayList<>(common);
    pixels.addAll(List.of("--out", folder.resolve("pixels").toString()));
    assertThat(RunningCommand.run(LIMIT, pixels.toArray(String[]::new)).exitCode()).isZero();
    assertThat(report("pixels").get("parameterChecksum"))
        .isEqualTo(report("encoded").get("parameterChecksum"));
  }

  @Test
  void shouldTrainWithoutTestImagesAndNotEvaluate() throws Exception {
    preprocess();
    var prepared =
        List.of("--set", "data.source=prepared", "--set", "data.path=" + folder.resolve("out"));
    var run = folder.resolve("run").toString();

    var training =
        RunningCommand.run(
            LIMIT,
            Stream.concat(
                    Stream.of(
                        "train",
                        "--out",
                        run,
                        "--set",
                        "train.epochs=1",
                        "--set",
                        "train.batch-size=10"),
                    prepared.stream())
                .toArray(String[]::new));
    var evaluation =
        RunningCommand.run(
            LIMIT,
            Stream.concat(Stream.of("evaluate", "--model", run + "/model.zip"), prepared.stream())
                .toArray(String[]::new));

    assertThat(training.exitCode()).as(training.err()).isZero();
    assertThat(training.out()).contains("120 training and 0 test images of 10 classes");
    assertThat(evaluation.exitCode()).isEqualTo(Murmuration.FAILED);
    assertThat(evaluation.err()).contains("there are no test images to evaluate on");
  }

  @Test
  void shouldTrainOnFoldersAndNameWhatItLeavesOut() throws Exception {
    Files.writeString(folder.resolve("images/cat/notes.txt"), "no image");
    var outcome =
        RunningCommand.run(
            LIMIT,
            PngFolders.command(
                "train",
                folder,
                "trained",
                "--set",
                "data.test-path=" + folder.resolve("images"),
                "--set",
                "data.max-bad=2",
                "--set",
                "train.batch-size=10",
                "--set",
                "train.epochs=1"));

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .contains("121 training and 121 test images of 10 classes")
        .contains("bad images  2, named in ");
    assertThat(Files.readAllLines(folder.resolve("trained/bad.jsonl")))
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).contains("notes.txt", "UNKNOWN_FORMAT"));
    assertThat(report("trained").at("/epochs/0/samples").asInt()).isEqualTo(120);
    long named = 0;
    for (var rank : report("trained").get("ranks")) {
      named += rank.get("badSamples").asLong();
    }
    assertThat(named).isEqualTo(2);
  }

  private void preprocess(String... more) throws Exception {
    var outcome = RunningCommand.run(LIMIT, PngFolders.command("preprocess", folder, "out", more));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
  }

  private JsonNode report(String run) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(run + "/report.json").toFile());
  }
}
