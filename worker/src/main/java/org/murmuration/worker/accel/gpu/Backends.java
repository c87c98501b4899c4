package org.murmuration.worker.accel.gpu;

import java.util.Optional;

/**
 * Which of ND4J's backends are on the class path; with two it takes whichever it ranks higher.
 *
 * @param cpu whether that for processors is
 * @param cuda whether that for NVIDIA's GPUs is
 */
public record Backends(boolean cpu, boolean cuda) {
  private static final String CPU = "org/nd4j/linalg/cpu/nativecpu/CpuBackend.class";
  private static final String CUDA = "org/nd4j/linalg/jcublas/JCublasBackend.class";

  /** Those that a class loader finds. */
  public static Backends of(ClassLoader loader) {
    return new Backends(loader.getResource(CPU) != null, loader.getResource(CUDA) != null);
  }

  /**
   * Refuses what can't work.
   *
   * @param gpusPerExecutor that the job asks the cluster for
   * @throws GpuException when there is not exactly one backend, or GPUs are asked for and it can't
   *     use them
   */
  public void require(int gpusPerExecutor) {
    if (cpu && cuda) {
      throw new GpuException(
          "ND4J's backends for CPUs (nd4j-native) and for GPUs (nd4j-cuda) are both on the class path, and which one it takes is not for you to say: leave one out of --jars, spark.jars and the cluster's own jars");
    }
    if (gpusPerExecutor > 0 && !cuda) {
      throw new GpuException(
          "spark.executor.resource.gpu.amount = %d, but this is the artifact for CPUs: submit murmuration-VERSION-cuda.jar, which ./mvnw -Pcuda -DskipTests package makes, or ask for no GPUs"
              .formatted(gpusPerExecutor));
    }
    if (gpusPerExecutor > 1) {
      throw new GpuException(
          "spark.executor.resource.gpu.amount = %d: a rank computes on one GPU and has a process to itself; ask for one GPU and for %d times as many executors"
              .formatted(gpusPerExecutor, gpusPerExecutor));
    }
  }

  /**
   * Refuses a machine that the backend doesn't start on; the driver uses it, too.
   *
   * @param driver NVIDIA's on this machine
   * @throws GpuException when the backend is for GPUs, and there is no driver or an old one
   */
  public void requireDriver(Optional<CudaDriver> driver) {
    if (cuda) {
      driver
          .orElseThrow(
              () ->
                  new GpuException(
                      "this is the artifact for GPUs, and this machine has no NVIDIA driver: run it on machines with GPUs, Spark's driver too, or submit the artifact for CPUs"))
          .require();
    }
  }
}
