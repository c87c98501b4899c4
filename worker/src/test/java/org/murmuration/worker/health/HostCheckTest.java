package org.murmuration.worker.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.health.Finding.Status;

class HostCheckTest {
  private static final Path LIMITS = Path.of("/proc/sys/net/core");

  @ParameterizedTest
  @CsvSource({
    "4194304, 4194304, OK",
    "2097152, 2097152, OK",
    "2097151, 4194304, WARNING",
    "4194304, 2097151, WARNING",
    // What Linux grants unless it is told otherwise.
    "212992, 212992, WARNING",
  })
  void shouldWarnOfSocketBuffersBelowTwoMebibytes(int receive, int send, Status status) {
    assertThat(HostCheck.socketBuffers(receive, send).status()).isEqualTo(status);
  }

  @Test
  void shouldSayHowTheKernelGrantsMore() {
    var finding = HostCheck.socketBuffers(212_992, 425_984);

    assertThat(finding.value()).contains("208 KiB to receive", "416 KiB to send");
    assertThat(finding.fix())
        .contains("sysctl -w net.core.rmem_max=4194304 net.core.wmem_max=4194304", "2.5 MB");
  }

  @Test
  void shouldFindWhatTheKernelGrants() throws IOException {
    assumeTrue(Files.isReadable(LIMITS.resolve("rmem_max")), "needs the limits of Linux");
    var wantedKib = 4096;
    var receiveKib = Math.min(wantedKib, limit("rmem_max") / 1024);
    var sendKib = Math.min(wantedKib, limit("wmem_max") / 1024);

    assertThat(HostCheck.socketBuffers().value())
        .contains(receiveKib + " KiB to receive", sendKib + " KiB to send");
  }

  private static long limit(String name) throws IOException {
    // Such a file has length 0 and can be read in one go only, which readString doesn't do.
    return Long.parseLong(Files.readAllLines(LIMITS.resolve(name)).get(0));
  }
}
