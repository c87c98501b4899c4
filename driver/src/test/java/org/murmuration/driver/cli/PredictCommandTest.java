package org.murmuration.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.driver.cli.RunningCommand.Outcome;
import org.murmuration.driver.spark.LocalCluster;
import org.murmuration.worker.data.prepared.PreparedFile;

/** A model trained on prepared images, and what it takes the files for that they came from. */
@Timeout(120)
class PredictCommandTest {
  private static final Duration LIMIT = Duration.ofSeconds(100);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.ofThisProcess();
  @TempDir private Path folder;

  /** Prepared pixels are in their colours already, files are not: both must come to the same. */
  @ParameterizedTest
  @ValueSource(strings = {"rgb", "lab"})
  void shouldTakeFilesForWhatEvaluationTookThemFor(String colors) throws Exception {
    PngFolders.write(folder.resolve("images"), 20);
    run(
        PngFolders.command(
            "preprocess",
            folder,
            "out",
            "--set",
            "preprocess.test-fraction=0.5",
            "--set",
            "data.image.colors=" + colors));
    var data =
        List.of("--set", "data.source=prepared", "--set", "data.path=" + folder.resolve("out"));
    run(
        with(
            data,
            "train",
            "--out",
            folder.resolve("run").toString(),
            "--set",
            "train.batch-size=10",
            "--set",
            "train.epochs=3"));
    var report = new ObjectMapper().readTree(folder.resolve("run/report.json").toFile());
    var test = testImages();

    Files.writeString(folder.resolve("images/cat/notes.txt"), "no image");
    var outcome =
        run(
            "predict",
            "--model",
            folder.resolve("run/model.zip").toString(),
            folder.resolve("images").toString());

    var names =
        new ObjectMapper().readTree(folder.resolve("out/dataset.json").toFile()).get("classes");
    Map<String, Integer> numbers = new TreeMap<>();
    names.forEach(name -> numbers.put(name.asText(), numbers.size()));
    var matrix = new long[10][10];
    var rows = rows(outcome.out());
    assertThat(rows).hasSize(201);
    for (var row : rows) {
      if (test.containsKey(row.get("path"))) {
        matrix[test.get(row.get("path"))][numbers.get(row.get("class"))]++;
        assertThat(Double.parseDouble(row.get("probability"))).isBetween(0.1, 1.0);
        assertThat(row.get("trouble")).isEmpty();
      }
    }
    assertThat(matrix)
        .isEqualTo(
            new ObjectMapper().treeToValue(report.at("/test/confusionMatrix"), long[][].class));
    assertThat(rows)
        .filteredOn(row -> row.get("path").endsWith("notes.txt"))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.get("class")).isEmpty();
              assertThat(row.get("probability")).isEmpty();
              assertThat(row.get("trouble")).isNotEmpty();
            });
    assertThat(outcome.err()).contains("201 images, 1 of which can't be used");
  }

  @Test
  void shouldRefuseWhatIsNotThere() throws Exception {
    var model = RunningCommand.run(LIMIT, "predict", "--model", folder + "/none.zip", "a.png");
    assertThat(model.exitCode()).isEqualTo(Murmuration.FAILED);
    assertThat(model.err()).contains("none.zip does not exist (--model)").doesNotContain("\tat ");

    var there = Files.createFile(folder.resolve("model.zip")).toString();
    var images = RunningCommand.run(LIMIT, "predict", "--model", there, folder + "/no*.png");
    assertThat(images.err()).contains("there is no file at file:").doesNotContain("\tat ");
  }

  private static Outcome run(String... arguments) throws Exception {
    var outcome = RunningCommand.run(LIMIT, arguments);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return outcome;
  }

  private static String[] with(List<String> data, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(data);
    return all.toArray(String[]::new);
  }

  /** The labels of the prepared test images, by path. */
  private Map<String, Integer> testImages() throws IOException {
    Map<String, Integer> labels = new TreeMap<>();
    try (var files = Files.list(folder.resolve("out/test"))) {
      for (var file : files.toList()) {
        new PreparedFile(new org.apache.hadoop.fs.Path("file:" + file), new Configuration(false))
            .read(row -> labels.put(row.path(), row.label()));
      }
    }
    return labels;
  }

  private static List<CSVRecord> rows(String table) throws IOException {
    var format = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).build();
    try (var parser = format.parse(new StringReader(table))) {
      return parser.getRecords();
    }
  }
}
