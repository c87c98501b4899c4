package org.murmuration.worker.accel;

import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.murmuration.worker.accel.onednn.OneDnn;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** ND4J's native library: how it is made ready in a process, and what it turned out to be. */
public final class NativeBackend {

  private static final String CPU = "CPU";

  private NativeBackend() {}

  /**
   * What a process computes with.
   *
   * @param backend ND4J's name for it, {@code CPU} or {@code CUDA}
   * @param binary the build that was loaded, such as {@code linux-x86_64-onednn-avx512}
   * @param oneDnn whether its convolutions go through oneDNN
   * @param cuDnn whether its convolutions go through cuDNN
   * @param threads how many threads an operation may use
   */
  public record Info(String backend, String binary, boolean oneDnn, boolean cuDnn, int threads)
      implements Serializable {

    /** Whether ND4J's operations for layers go through a library made for the processor. */
    public boolean hasPlatformOps() {
      return oneDnn || cuDnn;
    }
  }

  /**
   * Makes ND4J ready for what is computed later in this process.
   *
   * @param threads the number of threads that one operation may use, at least 1; there are never
   *     more than {@code OMP_NUM_THREADS} said when the library was loaded, or than processors
   */
  public static void prepare(int threads) {
    Nd4j.getEnvironment().setMaxMasterThreads(threads);
    useThreads(threads);
  }

  /** Says how many threads oneDNN and ND4J use when the calling thread asks them for something. */
  public static void useThreads(int threads) {
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
  }

  /** Why networks are not compiled in this process, if they aren't. */
  static Optional<String> whyNotCompiled() {
    var backend = backend();
    if (!backend.equals(CPU)) {
      return Optional.of("the backend is " + backend + ", compiled is for the processor");
    }
    return OneDnn.isAvailable()
        ? Optional.empty()
        : Optional.of("oneDNN's library for this platform is not on the class path");
  }

  /** Why a precision is refused on this machine, if it is. */
  public static Optional<String> whyNot(Precision precision) {
    if (precision == Precision.FP32) {
      return Optional.empty();
    }
    var notCompiled = whyNotCompiled();
    if (notCompiled.isPresent()) {
      return notCompiled.map(
          reason ->
              "train.precision = %s is not possible: %s; set fp32".formatted(precision, reason));
    }
    return OneDnn.hasBf16()
        ? Optional.empty()
        : Optional.of(
            ("train.precision = %s needs a processor that multiplies bfloat16 (avx512_core_bf16 or"
                    + " amx_bf16), but the best of this one is %s; set fp32")
                .formatted(precision, OneDnn.instructionSet()));
  }

  /** The best instructions of this processor that oneDNN has code for, such as {@code avx2}. */
  public static String instructionSet() {
    return OneDnn.instructionSet();
  }

  /** What this process computes with. */
  public static Info info() {
    var backend = backend();
    var binary = binary();
    var environment = Nd4j.getEnvironment();
    return new Info(
        backend,
        binary,
        environment.helpersAllowed() && binary.contains("onednn"),
        environment.helpersAllowed() && binary.contains("cudnn"),
        environment.maxMasterThreads());
  }

  private static String backend() {
    return String.valueOf(Nd4j.getExecutioner().getEnvironmentInformation().getProperty("backend"));
  }

  private static String binary() {
    return Loader.getLoadedLibraries().entrySet().stream()
        .filter(entry -> entry.getKey().contains("nd4j"))
        .map(Map.Entry::getValue)
        .map(path -> path.replaceFirst(".*/(linux|macosx|windows)", "$1").replaceFirst("/.*", ""))
        .findFirst()
        .orElse("unknown");
  }
}
