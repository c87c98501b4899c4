package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.nd4j.linalg.factory.Nd4j;

@ExtendWith(PreparedBackend.class)
class NativeBackendTest {

  private static boolean processorHasAvx2() throws IOException {
    return Files.readString(Path.of("/proc/cpuinfo")).contains(" avx2 ");
  }

  @Test
  void shouldComputeWithOneDnnWhereTheProcessorCan() throws IOException {
    var info = NativeBackend.info();

    assertThat(info.backend()).isEqualTo("CPU");
    assertThat(info.oneDnn()).isEqualTo(processorHasAvx2());
    assertThat(info.cuDnn()).isFalse();
    assertThat(info.binary())
        .startsWith("linux-x86_64")
        .matches(binary -> binary.contains("-onednn-avx") == info.oneDnn());
  }

  /** In a process of its own, because {@code OMP_NUM_THREADS} of this one sets a limit for good. */
  @Test
  @Timeout(60)
  void shouldSetTheNumberOfThreads() throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                ThreadsProbe.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().remove("OMP_NUM_THREADS");

    var process = builder.start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).isZero();
    var several = Runtime.getRuntime().availableProcessors() > 1;
    assertThat(output).matches(several ? "1 then 2" : "1 then [12]");
  }

  @Test
  void shouldSayWhenThePlatformIsSwitchedOff() {
    var environment = Nd4j.getEnvironment();
    environment.allowHelpers(false);
    try {
      assertThat(NativeBackend.info().oneDnn()).isFalse();
      assertThat(NativeBackend.info().hasPlatformOps()).isFalse();
    } finally {
      environment.allowHelpers(true);
    }
  }
}
