package org.murmuration.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.cli.RunningCommand.Outcome;
import org.murmuration.driver.spark.LocalCluster;
import org.murmuration.worker.data.cifar.CifarFiles;
import org.murmuration.worker.data.prepared.PreparedFile;
import org.murmuration.worker.data.prepared.PreparedRow;

/** Real images in folders, as PNG files, and what becomes of them. */
@Timeout(120)
class PreprocessCommandTest {
  private static final Duration LIMIT = Duration.ofSeconds(100);
  private static final int PER_CLASS = 12;
  private static final int SIDE = 32;

  @RegisterExtension
  static final LocalCluster CLUSTER =
      LocalCluster.ofThisProcess()
          .with("spark.hadoop.fs.file.impl", GuardedFileSystem.class.getName())
          .with("spark.hadoop.fs.file.impl.disable.cache", "true");

  @TempDir private Path folder;

  @BeforeEach
  void writeImages() throws IOException {
    PngFolders.write(folder.resolve("images"), PER_CLASS);
  }

  @Test
  void shouldKeepEveryPixelAndSplitEveryClassAndBalanceTheParts() throws Exception {
    run("--set", "preprocess.test-fraction=0.25", "--set", "preprocess.parts=4");

    var manifest = manifest();
    assertThat(manifest.at("/splits/train/samples").asInt()).isEqualTo(90);
    assertThat(manifest.at("/splits/test/samples").asInt()).isEqualTo(30);
    assertThat(numbers(manifest.at("/splits/train/parts")))
        .containsExactlyInAnyOrder(22L, 23L, 22L, 23L);
    assertThat(numbers(manifest.at("/splits/test/parts")))
        .containsExactlyInAnyOrder(7L, 8L, 7L, 8L);
    var train = rows("train");
    var test = rows("test");
    assertThat(perClass(train).values()).hasSize(10).containsOnly(9L);
    assertThat(perClass(test).values()).hasSize(10).containsOnly(3L);
    for (var row : Stream.concat(train.stream(), test.stream()).toList()) {
      assertThat(row.pixels()).isEqualTo(pixels(row));
      assertThat(CifarFiles.sample().classNames().get(row.label()))
          .isEqualTo(row.labelName())
          .isEqualTo(Path.of(row.path()).getParent().getFileName().toString());
    }
    assertMoments(train, manifest);
    assertThat(paths(train)).as("shuffled").isNotEqualTo(paths(train).stream().sorted().toList());
  }

  @Test
  void shouldGiveTheSameBytesAgainAfterItWasStopped() throws Exception {
    Files.writeString(folder.resolve("images/cat/broken.png"), "no image");
    var options =
        new String[] {"--set", "preprocess.test-fraction=0.25", "--set", "data.max-bad=0"};
    refused(options);
    assertThat(folder.resolve("out")).as("whole or not at all").doesNotExist();
    assertThat(folder.resolve("_out-unfinished")).isNotEmptyDirectory();

    var resuming = run("--set", "preprocess.test-fraction=0.25", "--set", "data.max-bad=1");

    assertThat(resuming.out()).contains(" 0 tasks to do");
    var resumed = content(folder.resolve("out"));
    assertThat(folder.resolve("_out-unfinished")).doesNotExist();
    Files.move(folder.resolve("out"), folder.resolve("resumed"));
    run("--set", "preprocess.test-fraction=0.25", "--set", "data.max-bad=1");
    assertThat(content(folder.resolve("out"))).isEqualTo(resumed);
  }

  @Test
  void shouldNotGoOnWithWhatWasMadeWithOtherSettings() throws Exception {
    Files.writeString(folder.resolve("images/cat/broken.png"), "no image");
    refused("--set", "data.image.width=16", "--set", "data.image.height=16");

    run("--set", "data.max-bad=1");

    assertThat(rows("train"))
        .hasSize(10 * PER_CLASS)
        .allSatisfy(row -> assertThat(row.pixels()).isEqualTo(pixels(row)));
  }

  @Test
  void shouldPrepareOnlyWhatWasAddedOrChanged() throws Exception {
    run();
    var before = rows("train");
    assertThat(run().out()).contains("nothing has changed since");
    for (var changed : List.of("cat/0.png", "cat/new.png")) {
      copy("dog/1.png", changed);
    }
    Files.delete(folder.resolve("images/frog/3.png"));
    Files.delete(folder.resolve("images/dog/1.png"));

    var outcome = run();

    assertThat(outcome.out()).contains("117 are done, 1 tasks to do");
    var incremental = content(folder.resolve("out"));
    var after = rows("train");
    assertThat(after).hasSize(before.size() - 2);
    Files.move(folder.resolve("out"), folder.resolve("incremental"));
    run();
    assertThat(content(folder.resolve("out"))).isEqualTo(incremental);
  }

  @Test
  void shouldLeaveOutImagesThatAreThereAlreadyUntilTheFirstOneGoes() throws Exception {
    copy("dog/1.png", "dog/9-copy.png");
    copy("dog/1.png", "ship/copy.png");

    run();

    assertThat(manifest().get("duplicates").asInt()).isEqualTo(2);
    assertThat(paths(rows("train")))
        .contains(path("dog/1.png"))
        .doesNotContain(path("ship/copy.png"));
    assertThat(Files.readAllLines(folder.resolve("out/bad.jsonl")))
        .hasSize(2)
        .allSatisfy(
            line ->
                assertThat(line)
                    .contains("DUPLICATE", "its image has the same bytes as " + path("dog/1.png")));

    Files.copy(folder.resolve("images/dog/2.png"), folder.resolve("images/dog/2-copy.png"));
    run();
    assertThat(manifest().get("duplicates").asInt()).isEqualTo(3);

    Files.delete(folder.resolve("images/dog/2-copy.png"));
    Files.delete(folder.resolve("images/dog/1.png"));
    run();
    assertThat(paths(rows("train"))).contains(path("dog/9-copy.png"), path("dog/2.png"));
    assertThat(manifest().get("duplicates").asInt()).isEqualTo(1);

    run("--set", "preprocess.deduplicate=false");
    assertThat(paths(rows("train"))).contains(path("dog/9-copy.png"), path("ship/copy.png"));
  }

  @Test
  void shouldNameWhatCannotBeDecodedAndStopWhenThatIsTooMuch() throws Exception {
    Files.writeString(folder.resolve("images/cat/notes.txt"), "no image");
    var png = Files.readAllBytes(folder.resolve("images/cat/0.png"));
    Files.write(folder.resolve("images/cat/cut.png"), Arrays.copyOf(png, png.length / 2));

    assertThat(refused().err())
        .contains("2 samples can't be used, and data.max-bad = 0.1 % allows 0")
        .contains(path("cat/notes.txt") + ": ")
        .contains("What was prepared stays")
        .doesNotContain("\tat ");

    run("--set", "data.max-bad=2");
    var bad = new TreeMap<String, String>();
    for (var line : Files.readAllLines(folder.resolve("out/bad.jsonl"))) {
      var json = new ObjectMapper().readTree(line);
      bad.put(json.get("path").asText(), json.get("reason").asText());
      assertThat(json.get("bytes").asLong())
          .isEqualTo(Files.size(Path.of(json.get("path").asText().replace("file:", ""))));
    }
    assertThat(bad)
        .isEqualTo(
            Map.of(path("cat/notes.txt"), "UNKNOWN_FORMAT", path("cat/cut.png"), "TRUNCATED"));
  }

  @Test
  void shouldTakeUpAFileAsSoonAsItMayBeRead() throws Exception {
    var lock = GuardedFileSystem.guard(folder.resolve("images/cat/3.png"));
    assertThat(refused().err()).contains("cat/3.png may not be read");
    run("--set", "data.max-bad=1");
    assertThat(Files.readString(folder.resolve("out/bad.jsonl"))).contains("UNREADABLE");
    assertThat(rows("train")).hasSize(10 * PER_CLASS - 1);

    assertThat(run("--set", "data.max-bad=1").out()).contains("nothing has changed since");
    Files.delete(lock);
    run();

    assertThat(rows("train")).hasSize(10 * PER_CLASS);
    assertThat(Files.size(folder.resolve("out/bad.jsonl"))).isZero();
  }

  @Test
  void shouldTakeUpAFileThatMayBeReadOnlyAfterTheJobWasStopped() throws Exception {
    var lock = GuardedFileSystem.guard(folder.resolve("images/cat/3.png"));
    refused();
    Files.delete(lock);

    run();

    assertThat(rows("train")).hasSize(10 * PER_CLASS);
  }

  @Test
  void shouldRefuseToMixImagesOfTwoKinds() throws Exception {
    run();

    assertThat(refused("--set", "data.image.width=16", "--set", "data.image.height=16").err())
        .contains("was written with other settings: ")
        .contains("data.image.width was 32, is now 16")
        .contains("Choose another --out");
    Files.createDirectories(folder.resolve("other"));
    assertThat(RunningCommand.run(LIMIT, command("other")).err())
        .contains("other is there already, and is no data set that preprocess has written");
  }

  private Outcome run(String... more) throws Exception {
    var outcome = RunningCommand.run(LIMIT, command("out", more));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return outcome;
  }

  private Outcome refused(String... more) throws Exception {
    var outcome = RunningCommand.run(LIMIT, command("out", more));
    assertThat(outcome.exitCode()).as(outcome.out()).isEqualTo(Murmuration.FAILED);
    return outcome;
  }

  private String[] command(String out, String... more) {
    return PngFolders.command("preprocess", folder, out, more);
  }

  private JsonNode manifest() throws IOException {
    return new ObjectMapper().readTree(folder.resolve("out/dataset.json").toFile());
  }

  private List<PreparedRow> rows(String split) throws IOException {
    List<PreparedRow> rows = new ArrayList<>();
    try (var files = Files.list(folder.resolve("out/" + split))) {
      for (var file : files.sorted().toList()) {
        new PreparedFile(new org.apache.hadoop.fs.Path("file:" + file), new Configuration(false))
            .read(rows::add);
      }
    }
    return rows;
  }

  private static List<String> paths(List<PreparedRow> rows) {
    return rows.stream().map(PreparedRow::path).toList();
  }

  private static Map<String, Long> perClass(List<PreparedRow> rows) {
    return rows.stream()
        .collect(Collectors.groupingBy(PreparedRow::labelName, Collectors.counting()));
  }

  private static List<Long> numbers(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asLong).toList();
  }

  /** Mean and deviation in one pass over all pixels, in double precision. */
  private static void assertMoments(List<PreparedRow> rows, JsonNode manifest) {
    int plane = SIDE * SIDE;
    for (int channel = 0; channel < 3; channel++) {
      int from = channel * plane;
      var values =
          rows.stream()
              .flatMapToInt(
                  row ->
                      java.util.stream.IntStream.range(from, from + plane)
                          .map(i -> Byte.toUnsignedInt(row.pixels()[i])))
              .toArray();
      double mean = Arrays.stream(values).average().orElseThrow();
      double variance =
          Arrays.stream(values).mapToDouble(v -> (v - mean) * (v - mean)).average().orElseThrow();
      assertThat(manifest.get("mean").get(channel).asDouble())
          .isCloseTo(mean, org.assertj.core.api.Assertions.within(1e-9));
      assertThat(manifest.get("standardDeviation").get(channel).asDouble())
          .isCloseTo(Math.sqrt(variance), org.assertj.core.api.Assertions.within(1e-9));
    }
  }

  /** Everything below a folder but the lists of it, which name paths. */
  private static Map<String, List<Byte>> content(Path root) throws IOException {
    var content = new TreeMap<String, List<Byte>>();
    try (var files = Files.walk(root)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        List<Byte> bytes = new ArrayList<>();
        for (byte b : Files.readAllBytes(file)) {
          bytes.add(b);
        }
        content.put(root.relativize(file).toString(), bytes);
      }
    }
    return content;
  }

  private static byte[] pixels(PreparedRow row) throws IOException {
    return PngImages.read(Path.of(row.path().replace("file:", "")));
  }

  private String path(String name) {
    return "file:" + folder.resolve("images/" + name);
  }

  private void copy(String from, String to) throws IOException {
    Files.write(
        folder.resolve("images/" + to), Files.readAllBytes(folder.resolve("images/" + from)));
  }
}
