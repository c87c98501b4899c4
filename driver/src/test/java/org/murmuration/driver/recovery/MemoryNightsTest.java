package org.murmuration.driver.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.cli.RunningCommand;
import org.murmuration.driver.cli.RunningCommand.Outcome;
import org.murmuration.driver.spark.LocalCluster;

/** Executors that have too little memory: refused before they begin, or told what they lacked. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class MemoryNightsTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  @TempDir private Path folder;

  /** Trains a network with so many units beside the images, 12 KiB of parameters each. */
  private String[] line(int units, String... settings) {
    var network = "network.layers=[{type=dense, units=%d}]".formatted(units);
    var all = Stream.concat(Stream.of(network), Arrays.stream(settings)).toArray(String[]::new);
    return new Run(folder.resolve("run")).line(false, all);
  }

  private static Outcome run(LocalCluster cluster, String... line) throws Exception {
    return cluster.during(() -> RunningCommand.run(LIMIT, line));
  }

  /** The heap alone is more than the container has: the kernel would kill it in the end. */
  @Test
  void shouldRefuseAControlGroupThatIsTooSmall() throws Exception {
    var begun = Instant.now();
    var cluster =
        LocalCluster.of(1)
            .with("spark.master", "local-cluster[1,1,3072]")
            .with("spark.executor.memory", "3g");
    try (var group = MemoryGroup.of(2500)) {
      Outcome outcome;
      try (var driver = DriverProcess.start(group.command(), folder, cluster, line(10))) {
        int exitCode = driver.awaitEnd(LIMIT);
        outcome = new Outcome(exitCode, driver.out(), driver.err());
      }

      assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(1);
      assertThat(outcome.err())
          .containsPattern(
              "may take 2500 MiB \\(the limit of its control group, .*, and the job needs at least 3\\d\\d\\d MiB: a heap of \\d+ MiB")
          .contains("lower spark.executor.memory");
      assertThat(outcome.out()).doesNotContain("epoch  1");
      Nights.tell(
          "a control group of 2,500 MiB, and a heap of 3 GiB",
          "refused",
          Nights.verdict(outcome),
          begun,
          "none");
    }
  }

  @Test
  void shouldRefuseAHeapThatHoldsNoCheckpoint() throws Exception {
    var begun = Instant.now();
    var cluster =
        LocalCluster.of(1)
            .with("spark.master", "local-cluster[1,1,512]")
            .with("spark.executor.memory", "512m");

    var outcome = run(cluster, line(12_000));

    assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(1);
    assertThat(outcome.err())
        .containsPattern("has a heap of \\d+ MiB, and a checkpoint takes 4\\d\\d MiB of it")
        .contains("raise spark.executor.memory");
    Nights.tell(
        "a heap that holds no checkpoint", "refused", Nights.verdict(outcome), begun, "none");
  }

  /** Spark asks the JVM for more than this before it starts an executor; it would try for ever. */
  @Test
  void shouldGiveUpExecutorsThatEndAsSoonAsTheyStart() throws Exception {
    var begun = Instant.now();
    var cluster = LocalCluster.of(2).withJavaOption("-XX:MaxDirectMemorySize=64m");

    var outcome = run(cluster, line(10));

    assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(1);
    assertThat(outcome.err())
        .contains("executors in a row have ended before they were given anything to do")
        .contains("spark.executor.extraJavaOptions");
    Nights.tell(
        "executors end as soon as they start", "given up", Nights.verdict(outcome), begun, "none");
  }

  /** What is left out of a sum is kept for the next one, outside of the heap: here, 70 MiB. */
  @Test
  void shouldSayWhatHoldsTheMemoryThatIsLacking() throws Exception {
    var begun = Instant.now();
    var cluster =
        LocalCluster.of(2)
            .withJavaOption("-XX:MaxDirectMemorySize=64m")
            // Below its own limit Spark starts no executor.
            .with("spark.network.maxRemoteBlockSizeFetchToMem", "32m");

    var outcome = run(cluster, line(6_000, "averaging.wire=threshold"));

    assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(1);
    assertThat(outcome.err())
        .containsPattern(
            "rank [01] \\(executor \\d+ on \\S+\\) failed: out of memory: Cannot reserve \\d+ bytes of direct buffer memory")
        .containsPattern("In use: heap \\d+ of \\d+ MiB, direct buffers [456]\\d MiB")
        .contains("Raise spark.executor.memory, ");
    // What is lacking now will be lacking then.
    assertThat(outcome.out()).doesNotContain("going on");
    Nights.tell(
        "executors run out of memory outside of the heap",
        "says what was asked for and what holds the rest; no restart",
        Nights.verdict(outcome),
        begun,
        "none");
  }
}
