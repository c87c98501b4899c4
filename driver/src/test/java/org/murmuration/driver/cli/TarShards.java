package org.murmuration.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.murmuration.driver.cli.RunningCommand.Outcome;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.cifar.CifarFiles;

/**
 * Tar shards of real images, of which each split has one that can't be decoded, and commands on
 * them.
 *
 * @param folder of the shards and of all results
 */
record TarShards(Path folder) {
  static final int IMAGES = 600;

  private static final Duration LIMIT = Duration.ofSeconds(100);
  private static final int SHARDS = 4;

  /** Writes both splits. */
  static TarShards write(Path folder) throws IOException {
    var shards = new TarShards(folder);
    shards.write("train", Split.TRAIN, IMAGES);
    shards.write("test", Split.TEST, 100);
    return shards;
  }

  JsonNode train(String name, String... more) throws Exception {
    run("train", folder.resolve(name), more);
    return report(name);
  }

  Outcome run(String command, Path out, String... more) throws Exception {
    var common =
        Stream.of(
            "data.source=tar",
            "data.path=" + folder.resolve("train/*.tar"),
            "data.test-path=" + folder.resolve("test/*.tar"),
            "data.image.width=32",
            "data.image.height=32",
            "data.max-bad=2",
            "train.epochs=3",
            "train.replicas-per-rank=1");
    var words = Stream.concat(common, Stream.of(more)).toArray(String[]::new);
    var outcome = RunningCommand.run(LIMIT, RunningCommand.line(command, out, words));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return outcome;
  }

  JsonNode report(String name) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(name).resolve("report.json").toFile());
  }

  static List<String> checksums(JsonNode report) {
    return StreamSupport.stream(report.get("epochs").spliterator(), false)
        .map(epoch -> epoch.get("parameterChecksum").asText())
        .toList();
  }

  static List<Long> samples(JsonNode report) {
    return StreamSupport.stream(report.get("ranks").spliterator(), false)
        .map(rank -> rank.get("samples").asLong())
        .toList();
  }

  /** Images in turn over the shards; of each split one can't be decoded. */
  private void write(String name, Split split, int images) throws IOException {
    var png = folder.resolve("image.png");
    List<TarArchiveOutputStream> tars = new ArrayList<>();
    Files.createDirectories(folder.resolve(name));
    for (int shard = 0; shard < SHARDS; shard++) {
      var file = folder.resolve("%s/%d.tar".formatted(name, shard));
      tars.add(new TarArchiveOutputStream(Files.newOutputStream(file)));
    }
    CifarFiles.sample()
        .read(
            split,
            (index, label, pixels, offset) -> {
              if (index < images) {
                PngImages.write(png, pixels, offset);
                var tar = tars.get((int) (index % SHARDS));
                write(tar, index + ".png", index == 7 ? new byte[9] : Files.readAllBytes(png));
                write(
                    tar, index + ".cls", Integer.toString(label).getBytes(StandardCharsets.UTF_8));
              }
            });
    for (var tar : tars) {
      tar.close();
    }
  }

  private static void write(TarArchiveOutputStream tar, String name, byte[] content)
      throws IOException {
    var entry = new TarArchiveEntry(name);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }
}
