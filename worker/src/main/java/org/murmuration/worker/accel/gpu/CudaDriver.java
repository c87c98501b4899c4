package org.murmuration.worker.accel.gpu;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The version of NVIDIA's kernel driver, and whether CUDA 11.6 runs on it.
 *
 * @param major of the version
 * @param minor of the version
 */
public record CudaDriver(int major, int minor) {
  /**
   * The oldest on which programs of any CUDA 11 run, by "minor version compatibility" (CUDA 11.6
   * release notes, table 2).
   */
  static final CudaDriver OLDEST = new CudaDriver(450, 80);

  private static final Pattern VERSION = Pattern.compile("(\\d{3,})\\.(\\d+)(\\.\\d+)*");

  /** The first version in a text, such as that of {@code /proc/driver/nvidia/version}. */
  public static Optional<CudaDriver> parse(String text) {
    var version = VERSION.matcher(text);
    return version.find()
        ? Optional.of(
            new CudaDriver(Integer.parseInt(version.group(1)), Integer.parseInt(version.group(2))))
        : Optional.empty();
  }

  /** Whether CUDA 11.6 runs on it. */
  public boolean isEnough() {
    return major > OLDEST.major || (major == OLDEST.major && minor >= OLDEST.minor);
  }

  /**
   * Refuses a driver that is too old, before CUDA says "unknown error".
   *
   * @throws GpuException when it is
   */
  public void require() {
    if (!isEnough()) {
      throw new GpuException(
          "NVIDIA's driver %s is too old: CUDA 11.6 needs %s or newer. Update it on this host, or run the artifact for CPUs"
              .formatted(this, OLDEST));
    }
  }

  @Override
  public String toString() {
    return "%d.%02d".formatted(major, minor);
  }
}
