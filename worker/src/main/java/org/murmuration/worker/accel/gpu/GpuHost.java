package org.murmuration.worker.accel.gpu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What this machine says of its GPUs, by NVIDIA's own program and its kernel driver. */
public final class GpuHost {
  private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";
  private static final Path DRIVER = Path.of("/proc/driver/nvidia/version");
  private static final List<String> LIST = List.of("nvidia-smi", "-L");
  private static final long PATIENCE_SECONDS = 10;

  private GpuHost() {}

  /** The kernel driver; empty where there is none. */
  public static Optional<CudaDriver> driver() {
    try {
      return Files.exists(DRIVER)
          ? CudaDriver.parse(Files.readString(DRIVER, StandardCharsets.UTF_8))
          : Optional.empty();
    } catch (IOException e) {
      throw new GpuException(DRIVER + " can't be read: " + e.getMessage());
    }
  }

  /**
   * The GPUs that a process with this environment sees.
   *
   * @throws GpuException when nvidia-smi fails
   */
  public static VisibleGpus visible(Map<String, String> environment) {
    return new VisibleGpus(
        InstalledGpu.parse(list()), Optional.ofNullable(environment.get(VISIBLE)));
  }

  private static String list() {
    try {
      var process = new ProcessBuilder(LIST).redirectErrorStream(true).start();
      var ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly();
        throw new GpuException(
            "nvidia-smi -L did not answer within "
                + PATIENCE_SECONDS
                + " s: does the driver hang?");
      }
      var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.exitValue() != 0) {
        throw new GpuException("nvidia-smi -L failed on this host: " + text.strip());
      }
      return text;
    } catch (IOException e) {
      throw new GpuException(
          "a GPU was given to this executor, but nvidia-smi doesn't run on its host (%s): install NVIDIA's driver, in a container NVIDIA's container toolkit, or give the job to hosts that have it"
              .formatted(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GpuException("interrupted while nvidia-smi listed the GPUs");
    }
  }
}
