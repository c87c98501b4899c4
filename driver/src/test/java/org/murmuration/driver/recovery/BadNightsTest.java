package org.murmuration.driver.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.driver.cli.PngImages;
import org.murmuration.driver.cli.RunningCommand;
import org.murmuration.driver.cli.RunningCommand.Outcome;
import org.murmuration.driver.spark.LocalCluster;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.cifar.CifarFiles;

/** What goes wrong beside executors: disks, ports, data, numbers. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class BadNightsTest {
  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.ofThisProcess();

  @TempDir private Path folder;

  private static Outcome train(Run run, String... settings) throws Exception {
    return RunningCommand.run(Duration.ofMinutes(1), run.line(false, settings));
  }

  private Run undisturbed(String... settings) throws Exception {
    var run = new Run(folder.resolve("undisturbed"));
    assertThat(train(run, settings).exitCode()).isZero();
    return run;
  }

  private static String compare(String one, String other) {
    return one.equals(other) ? "same model" : "ANOTHER MODEL";
  }

  /** A full disk costs checkpoints while it is full, and nothing else. */
  @Test
  void shouldTrainOnWhileTheDiskIsFull() throws Exception {
    var disk = Files.createDirectory(folder.resolve("disk"));
    mount(disk);
    var begun = Instant.now();
    try {
      var run = new Run(disk.resolve("run"));
      try (var command = run.start("train.epochs=25")) {
        Run.awaitEpoch(command, 3);
        var filler = fill(disk);
        await().atMost(Duration.ofMinutes(1)).until(() -> command.out().contains("not saved"));
        Files.delete(filler);
        var outcome = command.awaitEnd(Duration.ofMinutes(1));

        assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isZero();
        assertThat(outcome.out())
            .containsPattern(
                "not saved +epoch \\d+, step \\d+: the checkpoint .* could not be written: No space left");
      }
      var report = run.report();
      var same = compare(run.checksum(), undisturbed("train.epochs=25").checksum());
      Nights.tell(
          "disk full while checkpoints are written",
          "goes on without, says so, saves again when there is room",
          "%d checkpoints not saved".formatted(report.get("incidents").size()),
          begun,
          same);
      assertThat(same).isEqualTo("same model");
      assertThat(report.at("/incidents/0/kind").asText()).isEqualTo("NOT_SAVED");
      assertThat(run.folder().resolve("checkpoints/epoch-000025.ckpt")).exists();
    } finally {
      run("umount", "-l", disk.toString());
    }
  }

  private static void mount(Path disk) throws Exception {
    run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString());
  }

  private static void run(String... line) throws Exception {
    var process = new ProcessBuilder(line).inheritIO().start();
    assertThat(process.waitFor()).as(String.join(" ", line)).isZero();
  }

  private static Path fill(Path disk) {
    var file = disk.resolve("filler");
    try (var out = Files.newOutputStream(file)) {
      while (true) {
        out.write(new byte[4096]);
      }
    } catch (IOException full) {
      return file;
    }
  }

  /** What Spark keeps on disks is checked when it comes back. */
  /** Cut short, it would be taken by Spark for one that ends there. */
  @ParameterizedTest
  @CsvSource({
    "flipped, sample \\d+ was damaged on its way: its checksum differs",
    "cut, '[\\d,]+ of the 2,500 training samples have come to the ranks'"
  })
  void shouldNoticeDamageToWhatSparkKeepsAndReadItAnew(String damage, String reason)
      throws Exception {
    String[] settings = {"train.epochs=6", "train.reshuffle-every=2"};
    var expected = undisturbed(settings).checksum();
    var begun = Instant.now();
    var run = new Run(folder.resolve("run"));
    try (var command = run.start(settings)) {
      Run.awaitEpoch(command, 1);
      damage(keptBlocks(), damage.equals("cut") ? BadNightsTest::cut : BadNightsTest::flip);
      var outcome = command.awaitEnd(Duration.ofMinutes(1));

      assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isZero();
      assertThat(outcome.out()).containsPattern("lost +.*" + reason);
    }
    var same = compare(run.checksum(), expected);
    Nights.tell(
        "an RDD's block on disk " + damage,
        "noticed, read anew",
        run.report().at("/restarts/0/reason").asText(),
        begun,
        same);
    assertThat(same).isEqualTo("same model");
  }

  private static List<Path> keptBlocks() throws IOException {
    try (var files = Files.walk(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> file.getFileName().toString().matches("rdd_\\d+_\\d+"))
          .filter(Files::isRegularFile)
          .toList();
    }
  }

  /** At once: Spark may be reading them. */
  private static void damage(List<Path> blocks, UnaryOperator<byte[]> damage) throws IOException {
    assertThat(blocks).isNotEmpty();
    for (var block : blocks) {
      var damaged = block.resolveSibling("damaged");
      Files.write(damaged, damage.apply(Files.readAllBytes(block)));
      Files.move(damaged, block, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static byte[] flip(byte[] bytes) {
    bytes[bytes.length / 2] ^= 1;
    return bytes;
  }

  private static byte[] cut(byte[] bytes) {
    return Arrays.copyOf(bytes, bytes.length / 2);
  }

  @Test
  void shouldNameThePortsThatAreAllTaken() throws Exception {
    var begun = Instant.now();
    try (var taken = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      var port = taken.getLocalPort();
      var outcome =
          train(
              new Run(folder.resolve("run")),
              "averaging.ports=%d-%d".formatted(port, port),
              "averaging.interface=lo");

      assertThat(outcome.exitCode()).isEqualTo(1);
      assertThat(outcome.err())
          .contains("found no free UDP port in averaging.ports = " + port)
          .contains("give each rank of a host one, for all jobs that run there");
      Nights.tell(
          "no port of averaging.ports is free",
          "refused at once, with the setting",
          Nights.verdict(outcome),
          begun,
          "nothing trained");
    }
  }

  /** One rank has nothing to do, or next to nothing, and takes part in all steps. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void shouldTrainWithRanksThatHaveNoSampleOrOne(int images) throws Exception {
    var begun = Instant.now();
    var run = new Run(folder.resolve("run"));
    var data = images(folder.resolve("data"), images);
    var outcome = train(run, joined(data, "train.ranks=2", "train.batch-size=2", "train.epochs=3"));

    assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isZero();
    var report = run.report();
    assertThat(report.get("ranks").findValues("samples"))
        .extracting(node -> node.asInt())
        .containsExactly((images + 1) / 2, images / 2);
    assertThat(report.get("everySampleOnce").asBoolean()).isTrue();
    Nights.tell(
        "%d training images for two ranks".formatted(images),
        "trains",
        "samples by rank " + report.get("ranks").findValues("samples"),
        begun,
        "ranks agree on " + run.checksum());
  }

  /** The embedded sample's first images, as files. */
  private static List<String> images(Path data, int images) throws IOException {
    for (var name : List.of("first", "second")) {
      Files.createDirectories(data.resolve(name));
    }
    CifarFiles.sample()
        .read(
            Split.TRAIN,
            (index, label, pixels, offset) -> {
              if (index < images) {
                PngImages.write(
                    data.resolve("%s/%d.png".formatted(index % 2 == 0 ? "first" : "second", index)),
                    pixels,
                    offset);
              }
            });
    return List.of(
        "data.source=folder",
        "data.path=" + data,
        "data.classes=[first, second]",
        "data.image.width=32",
        "data.image.height=32");
  }

  private static String[] joined(List<String> settings, String... more) {
    return Stream.concat(settings.stream(), Stream.of(more)).toArray(String[]::new);
  }

  /** What was read is in memory; a restart needs the data again, and says what is missing. */
  @Test
  void shouldNameTheFileThatHasDisappeared() throws Exception {
    var begun = Instant.now();
    var data = folder.resolve("data");
    var settings =
        joined(
            images(data, 40),
            "train.batch-size=8",
            "train.reshuffle-every=1",
            "train.max-failures=1",
            "train.epochs=8");
    var run = new Run(folder.resolve("run"));
    try (var command = run.start(settings)) {
      Run.awaitEpoch(command, 2);
      Files.delete(data.resolve("first/8.png"));
      damage(keptBlocks(), BadNightsTest::flip);
      var outcome = command.awaitEnd(Duration.ofMinutes(1));

      assertThat(outcome.exitCode()).isEqualTo(1);
      assertThat(outcome.err()).contains("8.png", "--resume --out");
      Nights.tell(
          "data disappears between epochs, and Spark's copy is damaged",
          "names the file; --resume goes on once it is back",
          Nights.verdict(outcome),
          begun,
          "see the next line");
    }
    images(data, 40);
    var resumed = RunningCommand.run(Duration.ofMinutes(1), run.line(true, settings));
    assertThat(resumed.exitCode()).as(resumed.out() + resumed.err()).isZero();
    var same = compare(run.checksum(), undisturbed(settings).checksum());
    Nights.tell("the data is back", "goes on", "goes on", begun, same);
    assertThat(same).isEqualTo("same model");
  }

  @Test
  void shouldRefuseToGoOnWithOtherData() throws Exception {
    var data = folder.resolve("data");
    var settings = joined(images(data, 40), "train.batch-size=8", "train.epochs=2");
    var run = new Run(folder.resolve("run"));
    assertThat(train(run, settings).exitCode()).isZero();
    Files.delete(run.folder().resolve("report.json"));
    Files.delete(data.resolve("second/39.png"));

    var outcome = RunningCommand.run(Duration.ofMinutes(1), run.line(true, settings));

    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.err())
        .contains("belongs to another job: training data was 40 images of 2 classes, fingerprint ")
        .contains(", is 39 images of 2 classes, fingerprint ");
  }

  /** Steps that can't be taken are left out until there are too many. */
  @Test
  void shouldTellOfStepsThatAreLeftOutAndStopAfterTooMany() throws Exception {
    var begun = Instant.now();
    var outcome =
        train(
            new Run(folder.resolve("run")),
            "train.on-nan=skip",
            "train.max-left-out=3",
            "train.optimizer.type=sgd",
            "train.optimizer.learning-rate=1e30");

    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.err())
        .containsPattern(
            "numbers went bad in epoch 1, step \\d+ of 50: on rank 0 the output of layer \\S+ is not finite, for training samples \\d+, .* on rank 1 ")
        .contains("It is step 4 of this epoch to be left out, and train.max-left-out is 3");
    Nights.tell(
        "a learning rate of 1e30, train.on-nan = skip",
        "leaves three steps out, then stops with rank, layer and samples",
        Nights.verdict(outcome),
        begun,
        "parameters untouched by such steps");
  }

  /** Nothing of one job is left in the process for the next. */
  @Test
  void shouldTrainTwiceInOneProcessWithoutATrace() throws Exception {
    String[] settings = {"train.epochs=2"};
    var expected = undisturbed(settings).checksum();
    var buffers = Files.createDirectory(folder.resolve("buffers"));
    var again = new Run(folder.resolve("again"));

    assertThat(train(again, "train.epochs=2", "averaging.directory=" + buffers).exitCode())
        .isZero();

    assertThat(again.checksum()).isEqualTo(expected);
    assertThat(buffers).isEmptyDirectory();
    assertThat(again.folder().resolve("_running.json")).doesNotExist();
  }
}
