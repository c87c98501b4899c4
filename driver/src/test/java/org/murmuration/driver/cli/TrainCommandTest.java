package org.murmuration.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.StreamSupport;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.cli.RunningCommand.Outcome;
import org.murmuration.driver.spark.LocalCluster;
import org.murmuration.driver.spark.SampleImages;

/** The embedded sample on two executors: what comes out, and whether it is true. */
@Timeout(90)
class TrainCommandTest {
  private static final Duration LIMIT = Duration.ofSeconds(80);
  private static final int EPOCHS = 3;
  private static final int TRAINING_IMAGES = 2_500;
  private static final int TEST_IMAGES = 500;
  private static final int BATCH = 50;

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.ofTwoExecutors();
  @TempDir static Path folder;

  private static Instant begun;
  private static Outcome training;
  private static JsonNode report;

  @BeforeAll
  @Timeout(90)
  static void trainWithoutInterruption() throws Exception {
    begun = Instant.now();
    training = train("whole", "train.epochs=" + EPOCHS);
    assertThat(training.exitCode()).as(training.err()).isZero();
    report = report("whole");
  }

  @Test
  void shouldShowALinePerEpochAndWhereTheResultsAre() {
    assertThat(training.out().lines().filter(line -> line.startsWith("epoch ")))
        .hasSize(EPOCHS)
        .allSatisfy(
            line ->
                assertThat(line)
                    .matches(
                        "epoch  \\d/3  loss \\d\\.\\d{4}  test \\d\\.\\d{4} [ 0-9.]+ %"
                            + " +[0-9,]+ images/s  [0-9.]+ s: \\d+ % compute, \\d+ % averaging"));
    assertThat(training.out())
        .contains("training cifar10-sample on 2 ranks (local-cluster[2,1,1024])")
        .contains("compute     fp32, 9 of 9 layers compiled, 1 x 1 threads on rank 0")
        .containsPattern(
            "slowest     rank [01] on \\S+: \\d\\.\\d s compute, \\d\\.\\d s averaging")
        .contains("/whole/model.zip", "/whole/report.json")
        .contains(report.get("parameterChecksum").asText() + ", the same on all 2 ranks");
    assertThat(training.err()).isEmpty();
  }

  @Test
  void shouldReportTheJobAndItsSettings() {
    assertThat(report.get("job").asText()).isEqualTo("cifar10-sample");
    assertThat(Instant.parse(report.get("started").asText())).isBetween(begun, Instant.now());
    assertThat(report.get("wallSeconds").asDouble()).isBetween(1.0, 90.0);
    assertThat(report.get("worldSize").asInt()).isEqualTo(2);
    assertThat(report.get("master").asText()).isEqualTo("local-cluster[2,1,1024]");
    assertThat(report.get("sparkApplication").asText()).startsWith("app-");
    assertThat(report.get("resumedFromEpoch").asInt()).isZero();
    assertThat(report.at("/settings/train/epochs").asInt()).isEqualTo(EPOCHS);
    assertThat(report.at("/settings/train/batch-size").asInt()).isEqualTo(BATCH);
    assertThat(report.at("/settings/train/optimizer/type").asText()).isEqualTo("adam");
    assertThat(report.at("/settings/network/layers").size()).isEqualTo(6);
    assertThat(report.at("/settings/data/source").asText()).isEqualTo("cifar10-sample");
  }

  @Test
  void shouldReportTheVersionsThatRan() {
    var versions = report.get("versions");
    assertThat(versions.get("spark").asText())
        .isEqualTo(org.apache.spark.package$.MODULE$.SPARK_VERSION());
    assertThat(versions.get("java").asText()).isEqualTo(Runtime.version().toString());
    assertThat(versions.get("dl4j").asText()).isEqualTo("1.0.0-M2.1");
    assertThat(versions.get("aeron").asText()).matches("\\d+\\.\\d+\\.\\d+");
    assertThat(versions.get("murmuration").asText()).matches("\\d+\\.\\d+\\.\\d+.*");
  }

  @Test
  void shouldReportEveryEpoch() {
    var epochs = elements(report.get("epochs"));
    assertThat(epochs).hasSize(EPOCHS);
    for (int i = 0; i < EPOCHS; i++) {
      var epoch = epochs.get(i);
      assertThat(epoch.get("epoch").asInt()).isEqualTo(i + 1);
      assertThat(epoch.get("steps").asInt()).isEqualTo(TRAINING_IMAGES / BATCH);
      assertThat(epoch.get("samples").asInt()).isEqualTo(TRAINING_IMAGES);
      assertThat(epoch.get("testAccuracy").asDouble()).isBetween(0.1, 0.9);
      assertThat(epoch.get("testLoss").asDouble()).isBetween(0.5, 2.5);
      assertThat(epoch.get("parameterChecksum").asText()).matches("[0-9a-f]{16}");
      var wall = epoch.get("wallSeconds").asDouble();
      assertThat(epoch.get("imagesPerSecond").asDouble())
          .isCloseTo(TRAINING_IMAGES / wall, within(1.0));
      var parts =
          epoch.get("computeSeconds").asDouble()
              + epoch.get("exposedCommunicationSeconds").asDouble()
              + epoch.get("inputSeconds").asDouble();
      assertThat(parts).isBetween(0.5 * wall, 1.01 * wall);
      assertThat(epoch.get("hiddenCommunicationSeconds").asDouble()).isBetween(0.0, wall);
      assertThat(epoch.at("/slowestRank/rank").asInt()).isBetween(0, 1);
      assertThat(epoch.at("/slowestRank/computeSeconds").asDouble()).isBetween(0.0, wall);
    }
    assertThat(epochs)
        .extracting(e -> e.get("loss").asDouble())
        .isSortedAccordingTo(Comparator.<Double>reverseOrder());
    assertThat(epochs).extracting(e -> e.get("parameterChecksum").asText()).doesNotHaveDuplicates();
    assertThat(epochs.get(EPOCHS - 1).get("parameterChecksum"))
        .isEqualTo(report.get("parameterChecksum"));
  }

  @Test
  void shouldCountEveryTestImageOnce() {
    var test = report.get("test");
    var rows = elements(test.get("confusionMatrix"));
    assertThat(rows).hasSize(10);
    long right = 0;
    for (int actual = 0; actual < rows.size(); actual++) {
      var row = elements(rows.get(actual));
      // The sample holds 50 test images of each class.
      assertThat(row.stream().mapToLong(JsonNode::asLong).sum()).isEqualTo(TEST_IMAGES / 10);
      right += row.get(actual).asLong();
    }
    assertThat(test.get("samples").asInt()).isEqualTo(TEST_IMAGES);
    assertThat(test.get("accuracy").asDouble()).isEqualTo((double) right / TEST_IMAGES);
    assertThat(test.get("accuracy"))
        .isEqualTo(elements(report.get("epochs")).get(EPOCHS - 1).get("testAccuracy"));
  }

  @Test
  void shouldRunTheRanksOnDifferentExecutors() {
    var ranks = elements(report.get("ranks"));
    assertThat(ranks).extracting(rank -> rank.get("rank").asInt()).containsExactly(0, 1);
    assertThat(ranks)
        .extracting(rank -> rank.get("executor").asText())
        .hasSize(2)
        .doesNotHaveDuplicates();
    assertThat(ranks)
        .extracting(rank -> rank.get("samples").asInt())
        .containsExactly(TRAINING_IMAGES / 2, TRAINING_IMAGES / 2);
    assertThat(ranks)
        .allSatisfy(
            rank -> {
              assertThat(rank.get("host").asText()).isNotEmpty();
              assertThat(rank.get("backend").asText()).isEqualTo("CPU");
              assertThat(rank.get("binary").asText()).startsWith("linux-x86_64");
              assertThat(rank.get("oneDnn").isBoolean()).isTrue();
              assertThat(rank.get("threadsPerReplica").asInt()).isEqualTo(1);
            });
  }

  @Test
  void shouldSaveAModelThatClassifiesRawImagesOutsideSparkAlike() throws Exception {
    var graph =
        ModelSerializer.restoreComputationGraph(folder.resolve("whole/model.zip").toFile(), false);
    var test = SampleImages.test();
    var predicted = graph.outputSingle(test.getFeatures()).argMax(1).toIntVector();
    var actual = test.getLabels().argMax(1).toIntVector();

    var matrix = new long[10][10];
    for (int i = 0; i < TEST_IMAGES; i++) {
      matrix[actual[i]][predicted[i]]++;
    }

    assertThat(new ObjectMapper().writeValueAsString(matrix))
        .isEqualTo(report.at("/test/confusionMatrix").toString());
  }

  @Test
  void shouldEvaluateTheSavedModelAlike() throws Exception {
    var result = folder.resolve("evaluation.json");

    var outcome =
        RunningCommand.run(
            LIMIT,
            "evaluate",
            "--model",
            folder.resolve("whole/model.zip").toString(),
            "--out",
            result.toString());

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    var evaluation = new ObjectMapper().readTree(result.toFile());
    assertThat(evaluation.get("confusionMatrix")).isEqualTo(report.at("/test/confusionMatrix"));
    assertThat(evaluation.get("accuracy")).isEqualTo(report.at("/test/accuracy"));
    assertThat(evaluation.get("loss").asDouble())
        .isCloseTo(report.at("/test/loss").asDouble(), within(1e-9));
    assertThat(outcome.out())
        .contains("airplane", "truck")
        .contains("test accuracy %.2f %%".formatted(100 * report.at("/test/accuracy").asDouble()))
        .contains("on 500 images");
  }

  @Test
  void shouldTakeTheSameCourseWhenItIsInterruptedAndResumed() throws Exception {
    assertThat(train("parts", "train.epochs=2").exitCode()).isZero();
    assertThat(checksums(report("parts"))).isEqualTo(checksums(report).subList(0, 2));

    var resumed = train("parts", "train.epochs=3", "--resume");
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(report("parts").get("resumedFromEpoch").asInt()).isEqualTo(2);
    assertThat(checksums(report("parts"))).isEqualTo(checksums(report));
    assertThat(report("parts").get("parameterChecksum")).isEqualTo(report.get("parameterChecksum"));
    assertThat(report("parts").at("/test/confusionMatrix"))
        .isEqualTo(report.at("/test/confusionMatrix"));
  }

  private static Outcome train(String name, String... more) throws Exception {
    return RunningCommand.run(LIMIT, RunningCommand.line("train", folder.resolve(name), more));
  }

  private static JsonNode report(String name) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(name).resolve("report.json").toFile());
  }

  private static List<String> checksums(JsonNode report) {
    return elements(report.get("epochs")).stream()
        .map(epoch -> epoch.get("parameterChecksum").asText())
        .toList();
  }

  private static List<JsonNode> elements(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }
}
