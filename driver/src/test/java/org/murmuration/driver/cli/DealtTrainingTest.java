package org.murmuration.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.cli.RunningCommand.Outcome;
import org.murmuration.driver.spark.LocalCluster;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.cifar.CifarFiles;

/** Tar shards of real images whose samples Spark's shuffle deals to two executors. */
@Timeout(120)
class DealtTrainingTest {
  private static final Duration LIMIT = Duration.ofSeconds(100);
  private static final int IMAGES = 600;
  private static final int SHARDS = 4;

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.ofTwoExecutors();
  @TempDir static Path folder;

  private static JsonNode plain;

  @BeforeAll
  @Timeout(120)
  static void trainOnWhatRanksRead() throws Exception {
    writeShards("train", Split.TRAIN, IMAGES);
    writeShards("test", Split.TEST, 100);
    plain = train("plain");
  }

  @Test
  void shouldMakeTheSameModelWhoeverReads() throws Exception {
    var dealt = train("dealt", "data.reread-limit=0");

    assertThat(checksums(dealt)).isEqualTo(checksums(plain));
    assertThat(dealt.at("/test/confusionMatrix")).isEqualTo(plain.at("/test/confusionMatrix"));
    assertThat(Files.readAllLines(folder.resolve("dealt/bad.jsonl")))
        .containsExactlyInAnyOrderElementsOf(Files.readAllLines(folder.resolve("plain/bad.jsonl")))
        .hasSize(2);
    assertThat(samples(dealt)).isEqualTo(samples(plain)).containsExactly(300L, 299L);
  }

  @Test
  void shouldEvaluateTheSameWhoeverReads() throws Exception {
    var result = folder.resolve("evaluation.json");
    var outcome =
        run(
            "evaluate",
            result,
            "--model",
            folder.resolve("plain/model.zip").toString(),
            "data.reread-limit=0");

    assertThat(outcome.out()).contains("not used: ");
    assertThat(new ObjectMapper().readTree(result.toFile()).get("confusionMatrix"))
        .isEqualTo(plain.at("/test/confusionMatrix"));
  }

  @Test
  void shouldDealAnewAfterEveryEpoch() throws Exception {
    var dealt = train("anew", "train.reshuffle-every=1", "checkpoint.every=3");

    assertThat(checksums(dealt).get(0)).isEqualTo(checksums(plain).get(0));
    assertThat(checksums(dealt).get(1)).isNotEqualTo(checksums(plain).get(1));
    for (var epoch : dealt.get("epochs")) {
      assertThat(epoch.get("samples").asLong()).isEqualTo(IMAGES - 1);
    }
    assertThat(samples(dealt).stream().mapToLong(Long::longValue).sum()).isEqualTo(IMAGES - 1);
    assertThat(Files.readAllLines(folder.resolve("anew/bad.jsonl"))).hasSize(2);

    var alone = train("alone", "train.reshuffle-every=1", "train.ranks=1");
    for (int epoch = 0; epoch < 3; epoch++) {
      var loss = "/epochs/%d/loss".formatted(epoch);
      assertThat(alone.at(loss).asDouble()).isCloseTo(dealt.at(loss).asDouble(), within(1e-4));
    }
  }

  @Test
  void shouldGoOnWithTheSameDeal() throws Exception {
    var whole = train("whole", "train.reshuffle-every=2");
    train("parts", "train.reshuffle-every=2", "train.epochs=1");
    var outcome = run("train", folder.resolve("parts"), "--resume", "train.reshuffle-every=2");

    assertThat(outcome.out()).contains("resuming    after epoch 1");
    assertThat(checksums(report("parts"))).isEqualTo(checksums(whole));
    assertThat(report("parts").get("resumedFromEpoch").asInt()).isEqualTo(1);
  }

  private static JsonNode train(String name, String... more) throws Exception {
    run("train", folder.resolve(name), more);
    return report(name);
  }

  private static Outcome run(String command, Path out, String... more) throws Exception {
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

  private static JsonNode report(String name) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(name).resolve("report.json").toFile());
  }

  private static List<String> checksums(JsonNode report) {
    return StreamSupport.stream(report.get("epochs").spliterator(), false)
        .map(epoch -> epoch.get("parameterChecksum").asText())
        .toList();
  }

  private static List<Long> samples(JsonNode report) {
    return StreamSupport.stream(report.get("ranks").spliterator(), false)
        .map(rank -> rank.get("samples").asLong())
        .toList();
  }

  /** Images in turn over the shards; of each split one can't be decoded. */
  private static void writeShards(String name, Split split, int images) throws IOException {
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
