package org.murmuration.worker.accel;

import java.io.Serializable;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.deeplearning4j.nn.layers.mkldnn.BaseMKLDNNHelper;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's native library: how it is made ready in a process, and what it turned out to be. */
public final class NativeBackend {

  /**
   * DL4J creates its oneDNN helpers only when this property says so, and it reads the property
   * itself each time it creates a layer.
   */
  private static final String HELPERS_DISABLED = "org.eclipse.deeplearning4j.helpers.disable";

  private NativeBackend() {}

  /**
   * What a process computes with.
   *
   * @param backend ND4J's name for it, {@code CPU} or {@code CUDA}
   * @param binary the build that was loaded, such as {@code linux-x86_64-onednn-avx512}
   * @param oneDnn whether DL4J's convolutions go through oneDNN
   * @param threads how many threads an operation may use
   */
  public record Info(String backend, String binary, boolean oneDnn, int threads)
      implements Serializable {}

  /**
   * Makes ND4J ready for layers that are created later in this process.
   *
   * @param threads the number of threads that one operation may use, at least 1; there are never
   *     more than {@code OMP_NUM_THREADS} said when the library was loaded, or than processors
   */
  public static void prepare(int threads) {
    System.setProperty(HELPERS_DISABLED, "false");
    Nd4j.getEnvironment().setMaxMasterThreads(threads);
  }

  /** What this process computes with. */
  public static Info info() {
    var backend =
        String.valueOf(Nd4j.getExecutioner().getEnvironmentInformation().getProperty("backend"));
    var binary = binary();
    return new Info(
        backend,
        binary,
        binary.contains("onednn") && BaseMKLDNNHelper.mklDnnEnabled(),
        Nd4j.getEnvironment().maxMasterThreads());
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
