package org.murmuration.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.spark.LocalCluster;

/** Images whose samples Spark's shuffle deals to two executors. */
@Timeout(120)
class DealtTrainingTest {
  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.ofTwoExecutors();
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
  void shouldMakeTheSameModelWhoeverReads() throws Exception {
    var dealt = shards.train("dealt", "data.reread-limit=0");

    assertThat(TarShards.checksums(dealt)).isEqualTo(TarShards.checksums(plain));
    assertThat(dealt.at("/test/confusionMatrix")).isEqualTo(plain.at("/test/confusionMatrix"));
    assertThat(Files.readAllLines(folder.resolve("dealt/bad.jsonl")))
        .containsExactlyInAnyOrderElementsOf(Files.readAllLines(folder.resolve("plain/bad.jsonl")))
        .hasSize(2);
    assertThat(TarShards.samples(dealt))
        .isEqualTo(TarShards.samples(plain))
        .containsExactly(300L, 299L);
  }

  @Test
  void shouldEvaluateTheSameWhoeverReads() throws Exception {
    var result = folder.resolve("evaluation.json");
    var outcome =
        shards.run(
            "evaluate",
            result,
            "--model",
            folder.resolve("plain/model.zip").toString(),
            "data.reread-limit=0");

    assertThat(outcome.out()).contains("not used: ");
    assertThat(new ObjectMapper().readTree(result.toFile()).get("confusionMatrix"))
        .isEqualTo(plain.at("/test/confusionMatrix"));
  }
}
