package org.murmuration.worker.accel.gpu;

import java.lang.reflect.InvocationTargetException;

/**
 * Tells ND4J's CUDA backend which GPU this process computes on. The backend is never on the class
 * path of a build for CPUs, so its classes are known by name.
 */
final class CudaDevice {
  private static final String ENVIRONMENT = "org.nd4j.jita.conf.CudaEnvironment";

  private CudaDevice() {}

  /**
   * Must come before ND4J is used for the first time.
   *
   * @param number of CUDA
   * @throws GpuException when the backend doesn't take it
   */
  static void use(int number) {
    try {
      var environment = Class.forName(ENVIRONMENT).getMethod("getInstance").invoke(null);
      var configuration = environment.getClass().getMethod("getConfiguration").invoke(environment);
      configuration
          .getClass()
          .getMethod("useDevices", int[].class)
          .invoke(configuration, (Object) new int[] {number});
    } catch (InvocationTargetException e) {
      throw new GpuException("ND4J doesn't take GPU " + number + ": " + e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new GpuException(
          "ND4J's CUDA backend is another one than that of 1.0.0-M2.1, for which this is built: "
              + e);
    }
  }
}
