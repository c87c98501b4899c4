package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.layers.mkldnn.BaseMKLDNNHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu;

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

  /** Through the name by which DL4J looks for it. */
  @Test
  void shouldAnswerDl4jAsNd4jItselfDoes() throws ReflectiveOperationException {
    var shim = Class.forName("org.nd4j.nativeblas.Nd4jCpu$Environment");
    var instance = shim.getMethod("getInstance").invoke(null);
    var use = shim.getMethod("isUseMKLDNN");
    var nd4j = Nd4jCpu.Environment.getInstance();
    var before = nd4j.isUseONEDNN();
    try {
      nd4j.setUseONEDNN(false);
      assertThat(use.invoke(instance)).isEqualTo(false);
      assertThat(BaseMKLDNNHelper.mklDnnEnabled()).isFalse();
      nd4j.setUseONEDNN(true);
      assertThat(use.invoke(instance)).isEqualTo(true);
      assertThat(BaseMKLDNNHelper.mklDnnEnabled()).isTrue();
    } finally {
      nd4j.setUseONEDNN(before);
    }
  }
}
