package org.murmuration.driver.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.driver.spark.LocalCluster;

/** Neighbours. */
@Timeout(120)
class TwoJobsTest {
  private static final Duration LONG = Duration.ofSeconds(90);

  @TempDir private Path folder;

  /** Neither ports nor folders nor anything else of two jobs on a host is one and the same. */
  @Test
  void shouldTrainTwoJobsAtOnceOnOneHost() throws Exception {
    var here = LocalCluster.ofThisProcess();
    var one = new Run(folder.resolve("one"));
    var other = new Run(folder.resolve("other"));
    try (var first = DriverProcess.start(folder, here, one.line(false));
        var second = DriverProcess.start(folder, here, other.line(false))) {
      assertThat(first.awaitEnd(LONG)).as(first.out() + first.err()).isZero();
      assertThat(second.awaitEnd(LONG)).as(second.out() + second.err()).isZero();
    }
    assertThat(one.checksum()).isEqualTo(other.checksum());
  }
}
