package org.murmuration.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.spark.LocalCluster;

/** Images that are dealt to other ranks from time to time. */
@Timeout(120)
class ReshuffledTrainingTest {
  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.ofThisProcess();
  @TempDir static Path folder;

  private static TarShards shards;
  private static JsonNode plain;

  @BeforeAll
  @Timeout(120)
  static void trainOnWhatRanksRead() throws Exception {
    shards = TarShards.write(folder);
    plain = shards.train("plain");
  }

  @Test
  void shouldDealAnewAfterEveryEpoch() throws Exception {
    var dealt = shards.train("anew", "train.reshuffle-every=1", "checkpoint.every=3");

    assertThat(TarShards.checksums(dealt).get(0)).isEqualTo(TarShards.checksums(plain).get(0));
    assertThat(TarShards.checksums(dealt).get(1)).isNotEqualTo(TarShards.checksums(plain).get(1));
    for (var epoch : dealt.get("epochs")) {
      assertThat(epoch.get("samples").asLong()).isEqualTo(TarShards.IMAGES - 1);
    }
    assertThat(TarShards.samples(dealt).stream().mapToLong(Long::longValue).sum())
        .isEqualTo(TarShards.IMAGES - 1);
    assertThat(Files.readAllLines(folder.resolve("anew/bad.jsonl"))).hasSize(2);

    var alone = shards.train("alone", "train.reshuffle-every=1", "train.ranks=1");
    for (int epoch = 0; epoch < 3; epoch++) {
      var loss = "/epochs/%d/loss".formatted(epoch);
      assertThat(alone.at(loss).asDouble()).isCloseTo(dealt.at(loss).asDouble(), within(1e-4));
    }
  }

  @Test
  void shouldGoOnWithTheSameDeal() throws Exception {
    var whole = shards.train("whole", "train.reshuffle-every=2");
    shards.train("parts", "train.reshuffle-every=2", "train.epochs=1");
    var outcome =
        shards.run("train", folder.resolve("parts"), "--resume", "train.reshuffle-every=2");

    assertThat(outcome.out()).contains("resuming    after epoch 1");
    assertThat(TarShards.checksums(shards.report("parts"))).isEqualTo(TarShards.checksums(whole));
    assertThat(shards.report("parts").get("resumedFromEpoch").asInt()).isEqualTo(1);
  }
}
