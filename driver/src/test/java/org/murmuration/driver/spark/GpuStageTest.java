package org.murmuration.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Stages of ranks take a GPU for each, other stages only cores. Spark has the GPUs from a discovery
 * script, which here makes them up: two workers of two cores with a GPU each.
 */
@Timeout(90)
class GpuStageTest {
  @TempDir static Path folder;

  @RegisterExtension
  static final LocalCluster CLUSTER =
      new LocalCluster("local-cluster[2,2,1024]")
          .with("spark.worker.resource.gpu.amount", "1")
          .with("spark.executor.resource.gpu.amount", "1");

  private static Path script;

  @BeforeAll
  static void inventGpus() throws Exception {
    script = folder.resolve("find-gpus");
    Files.writeString(script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"3\"]}'\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void shouldGiveAGpuToEachRankAndAllCoresToOtherTasks() {
    var conf =
        new SparkConf()
            .setAppName("gpus")
            .set("spark.worker.resource.gpu.discoveryScript", script.toString())
            .set("spark.stage.maxConsecutiveAttempts", "1");
    try (var spark = new JavaSparkContext(conf)) {
      var slots = new Slots(spark.sc(), word -> {});
      assertThat(slots.promised()).isEqualTo(2);
      slots.await(2, Duration.ofSeconds(40));
      assertThat(slots.present()).isEqualTo(2);

      var addresses = new BarrierStage(spark).run(2, new TellGpus());
      assertThat(addresses).containsExactly(List.of("3"), List.of("3"));

      // Four tasks at once, which a GPU for each would not allow.
      var others =
          spark
              .parallelize(List.of(1, 2, 3, 4), 4)
              .map(number -> TaskContext.get().resources().size())
              .collect();
      assertThat(others).containsOnly(0);
      var everywhere =
          spark
              .sc()
              .maxNumConcurrentTasks(spark.sc().resourceProfileManager().defaultResourceProfile());
      assertThat(everywhere).isEqualTo(4);

      assertThatThrownBy(() -> slots.await(3, Duration.ofSeconds(2)))
          .isInstanceOf(JobRefusedException.class)
          .hasMessageContaining("1 are missing. 2 executors of the 2 asked for have come")
          .hasMessageContaining("a rank takes 1 of spark.executor.cores and a GPU");
    }
  }

  /** What a rank was given. */
  private static final class TellGpus implements RankTask<Integer, List<String>> {
    private static final long serialVersionUID = 1L;

    @Override
    public List<String> run(BarrierTaskContext context, Iterator<Integer> partition) {
      return new ArrayList<>(new Rank(context).gpus());
    }
  }
}
