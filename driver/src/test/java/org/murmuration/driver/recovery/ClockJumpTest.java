package org.murmuration.driver.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.spark.LocalCluster;

/**
 * The executors' time of day is set forward by an hour and back by two, with libfaketime (a package
 * of that name), which must be there.
 */
@Tag("torture")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ClockJumpTest {
  private static final List<Path> LIBRARY =
      List.of(
          Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
          Path.of("/usr/lib64/faketime/libfaketimeMT.so.1"));

  @TempDir private Path folder;

  @Test
  void shouldNotCareForTheTimeOfDay() throws Exception {
    var library = LIBRARY.stream().filter(Files::exists).findFirst();
    assertThat(library).as("libfaketime: install the package").isPresent();
    var offset = Files.writeString(folder.resolve("offset"), "+0\n");
    var cluster =
        LocalCluster.ofTwoExecutors()
            .with("spark.executorEnv.LD_PRELOAD", library.orElseThrow().toString())
            .with("spark.executorEnv.FAKETIME_TIMESTAMP_FILE", offset.toString())
            .with("spark.executorEnv.FAKETIME_CACHE_DURATION", "1")
            .with("spark.executorEnv.FAKETIME_DONT_FAKE_MONOTONIC", "1");
    var length = "train.epochs=120";
    var whole = new Run(folder.resolve("undisturbed"));
    try (var process = DriverProcess.start(folder, cluster, whole.line(false, length))) {
      assertThat(process.awaitEnd(Duration.ofMinutes(4))).as(process.out()).isZero();
    }
    var begun = Instant.now();
    var run = new Run(folder.resolve("run"));
    try (var process = DriverProcess.start(folder, cluster, run.line(false, length))) {
      jump(process, 10, offset, "+3600\n");
      jump(process, 50, offset, "-3600\n");
      assertThat(process.awaitEnd(Duration.ofMinutes(4))).as(process.out()).isZero();
    }
    var restarts = run.report().get("restarts");
    var same = run.checksum().equals(whole.checksum());
    Nights.tell(
        "the executors' clock jumps an hour forward, then two back",
        "nothing happens",
        restarts.isEmpty() ? "nothing" : restarts.toString(),
        begun,
        same ? "same model" : "ANOTHER MODEL");
    assertThat(same).isTrue();
    assertThat(restarts).isEmpty();
  }

  private static void jump(DriverProcess process, int epoch, Path offset, String to)
      throws Exception {
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> !process.isAlive() || Run.epochs(process.out()) >= epoch);
    Files.writeString(offset, to);
  }
}
