package org.murmuration.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.spark.LocalCluster;

@Timeout(90)
class DoctorAndDescribeTest {
  private static final Duration LIMIT = Duration.ofSeconds(80);

  /** Spark calls this host by its name or by its address. */
  private static final String RANK_0 = "rank 0 \\(executor \\d+ on (127\\.0\\.0\\.1|localhost)\\)";

  private static final String RANK_1 = RANK_0.replace("rank 0", "rank 1");

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.ofTwoExecutors();
  @TempDir private Path folder;

  @Test
  void shouldFindTheTestClusterHealthy() throws Exception {
    var outcome = RunningCommand.run(LIMIT, "doctor", "--out", folder.toString());

    assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isZero();
    var lines = outcome.out().lines().toList();
    assertThat(lines).last().isEqualTo("training will work");
    assertThat(lines).noneMatch(line -> line.startsWith("PROBLEM"));
    for (var check : List.of("Java", "ND4J", "memory", "versions")) {
      assertFound(lines, "driver", check);
    }
    for (var where : List.of(RANK_0, RANK_1)) {
      for (var check :
          List.of("Java", "add-opens", "ND4J", "shared memory", "socket buffers", "memory")) {
        assertFound(lines, where, check);
      }
      for (var check : List.of("GPU", "container", "versions")) {
        assertFound(lines, where, check);
      }
    }
    // Each link is measured once, by the lower rank.
    assertFound(lines, RANK_0, "link");
    assertFound(lines, "cluster", "slots");
    for (var where : List.of(RANK_0, RANK_1)) {
      assertFound(lines, where, "averaging");
      assertFound(lines, where, "output folder");
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void shouldDescribeTheNetworkLayerByLayer() throws Exception {
    var outcome = RunningCommand.run(LIMIT, "describe");

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .contains("62,006 parameters")
        .contains("train.epochs = 15")
        .containsPattern("input +3 x 32 x 32 +0")
        // Weights and biases, counted by hand: 6 (3 25 + 1), 16 (6 25 + 1), and so on.
        .containsPattern("ConvolutionLayer .* 6 x 28 x 28 +456")
        .containsPattern("SubsamplingLayer .* 6 x 14 x 14 +0")
        .containsPattern("ConvolutionLayer .* 16 x 10 x 10 +2,416")
        .containsPattern("SubsamplingLayer .* 16 x 5 x 5 +0")
        .containsPattern("DenseLayer .* 120 +48,120")
        .containsPattern("DenseLayer .* 84 +10,164")
        .containsPattern("OutputLayer .* 10 +850");
  }

  @Test
  void shouldDescribeWhatAnOverrideChanges() throws Exception {
    var outcome =
        RunningCommand.run(
            LIMIT, "describe", "--set", "train.epochs=7", "--set", "network.layers=[]");

    assertThat(outcome.out())
        .containsPattern("train\\.epochs = 7 +# --set train\\.epochs=7")
        // A dense layer from 3 x 32 x 32 pixels to 10 classes.
        .contains("30,730 parameters")
        // Four bytes each, twice for Adam.
        .containsPattern("parameters +0\\.1 MiB")
        .containsPattern("optimizer +0\\.2 MiB")
        .containsPattern("activations +\\d+\\.\\d MiB")
        .contains("for 50 images a step and rank (ranks: 1), all activations kept");
  }

  private static void assertFound(List<String> lines, String where, String check) {
    assertThat(lines)
        .as("%s of %s", check, where)
        .filteredOn(line -> line.matches("(OK|WARNING) +" + where + " +" + check + " +\\S.*"))
        .hasSize(1);
  }
}
