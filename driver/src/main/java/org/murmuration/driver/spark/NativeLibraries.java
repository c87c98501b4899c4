package org.murmuration.driver.spark;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.murmuration.worker.accel.gpu.Backends;

/**
 * What Aeron's and ND4J's libraries want of a JVM, beyond what Spark itself opens on Java 17. The
 * driver's is running when this is known; executors get it as Java options, whoever submitted the
 * job and however.
 */
public final class NativeLibraries {
  private static final String EXECUTOR_OPTIONS = "spark.executor.extraJavaOptions";

  /** Agrona, the buffers of Aeron, reaches into it. */
  private static final String PACKAGE = "jdk.internal.misc";

  private static final String OPENS = "--add-opens=java.base/" + PACKAGE + "=ALL-UNNAMED";

  /** Of JavaCPP, which loads ND4J, oneDNN and OpenCV. */
  private static final Map<String, String> PROPERTIES =
      Map.of(
          // It would count the file-backed buffers of Aeron as memory of its own, and stop the job.
          "org.bytedeco.javacpp.maxphysicalbytes", "0",
          // Its messages go where all others go.
          "org.bytedeco.javacpp.logger", "slf4j");

  /** Of several builds of ND4J's library for GPUs, which to load. */
  private static final String BUILD = "org.bytedeco.javacpp.platform.extension";

  private static final String BUILD_FOR_GPUS = "-cudnn";

  private NativeLibraries() {}

  private static Map<String, String> properties() {
    var properties = new TreeMap<>(PROPERTIES);
    if (Backends.of(NativeLibraries.class.getClassLoader()).cuda()) {
      properties.put(BUILD, BUILD_FOR_GPUS);
    }
    return properties;
  }

  /** Sets what can still be set in a JVM that runs, before anything is loaded. */
  public static void configureThisProcess() {
    properties()
        .forEach(
            (name, value) -> {
              if (System.getProperty(name) == null) {
                System.setProperty(name, value);
              }
            });
  }

  /** Completes the Java options of executors; what the user says of one stays. */
  static void configureExecutors(SparkConf conf) {
    var said = conf.get(EXECUTOR_OPTIONS, "");
    var missing =
        Stream.concat(
                Stream.of(OPENS).filter(option -> !said.contains(option)),
                properties().entrySet().stream()
                    .filter(property -> !said.contains("-D" + property.getKey() + "="))
                    .map(property -> "-D" + property.getKey() + "=" + property.getValue()))
            .collect(Collectors.joining(" "));
    conf.set(EXECUTOR_OPTIONS, (said + " " + missing).strip());
  }

  /**
   * Where executors are threads of this JVM, it must have been started for them.
   *
   * @throws JobRefusedException when it wasn't
   */
  static void requireOpen(String master) {
    if (!Object.class.getModule().isOpen(PACKAGE, NativeLibraries.class.getModule())) {
      throw new JobRefusedException(
          ("master = %s runs the ranks in this process, and its package %s is closed, which Aeron"
                  + " reaches into; add --driver-java-options %s, or start with deploy/murmuration")
              .formatted(master, PACKAGE, OPENS));
    }
  }
}
