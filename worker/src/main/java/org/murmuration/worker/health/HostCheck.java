package org.murmuration.worker.health;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.health.Finding.Status;

/** The checks of one process: Java and what it opens, ND4J, memory, room for Aeron's buffers. */
public final class HostCheck {
  private static final long MIB = 1024 * 1024;
  private static final long SHARED_MEMORY_NEEDED_MIB = 64;
  private static final long MEMORY_NEEDED_MIB = 1024;

  /** Packages of java.base, and who reaches into them. */
  private static final List<String> OPENED =
      List.of(
          "sun.nio.ch", // Aeron
          "jdk.internal.misc", // Agrona
          "java.lang", // Kryo, Spark
          "java.io", // Kryo
          "java.nio", // Spark, JavaCPP
          "java.util", // Kryo
          "java.util.concurrent.atomic"); // Kryo, DL4J

  private HostCheck() {}

  /** All checks of this process. */
  public static List<Finding> run() {
    return Stream.of(java(), opens(), backend(), sharedMemory(), memory()).toList();
  }

  private static Finding java() {
    var version = Runtime.version().feature();
    return version == 17
        ? Finding.ok("Java", Runtime.version().toString())
        : Finding.problem("Java", Runtime.version().toString(), "run on Java 17: set JAVA_HOME");
  }

  private static Finding opens() {
    var base = Object.class.getModule();
    var closed =
        OPENED.stream().filter(name -> !base.isOpen(name, HostCheck.class.getModule())).toList();
    return closed.isEmpty()
        ? Finding.ok("add-opens", "all " + OPENED.size() + " packages are open")
        : Finding.problem(
            "add-opens",
            "closed: " + String.join(", ", closed),
            "start with deploy/murmuration, or add --add-opens=java.base/PACKAGE=ALL-UNNAMED for"
                + " each to spark.driver.extraJavaOptions and spark.executor.extraJavaOptions");
  }

  private static Finding backend() {
    var info = NativeBackend.info();
    var value =
        "%s, %s, oneDNN %s, cuDNN %s, %d threads"
            .formatted(
                info.backend(),
                info.binary(),
                info.oneDnn() ? "live" : "off",
                info.cuDnn() ? "live" : "off",
                info.threads());
    return info.hasPlatformOps()
        ? Finding.ok("ND4J", value)
        : Finding.warning(
            "ND4J",
            value,
            "convolutions run several times slower than they could: set"
                + " -Dorg.bytedeco.javacpp.platform.extension=-onednn-avx2 (or -onednn-avx512; on a"
                + " GPU -cudnn)");
  }

  private static Finding sharedMemory() {
    var directory = Path.of("/dev/shm");
    try {
      var freeMib = Files.getFileStore(directory).getUsableSpace() / MIB;
      var value = freeMib + " MiB free in " + directory;
      return freeMib >= SHARED_MEMORY_NEEDED_MIB
          ? Finding.ok("shared memory", value)
          : Finding.warning(
              "shared memory",
              value + "; Aeron's buffers go to " + System.getProperty("java.io.tmpdir"),
              "give the container at least " + SHARED_MEMORY_NEEDED_MIB + " MiB of /dev/shm");
    } catch (IOException e) {
      return Finding.warning(
          "shared memory",
          "no " + directory + "; Aeron's buffers go to " + System.getProperty("java.io.tmpdir"),
          "mount a tmpfs on /dev/shm, or set averaging.directory to a fast folder");
    }
  }

  private static Finding memory() {
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    var freeMib = system.getFreeMemorySize() / MIB;
    var value =
        "%d MiB free of %d MiB, Java heap up to %d MiB"
            .formatted(
                freeMib, system.getTotalMemorySize() / MIB, Runtime.getRuntime().maxMemory() / MIB);
    return new Finding(
        "memory",
        freeMib >= MEMORY_NEEDED_MIB ? Status.OK : Status.WARNING,
        value,
        freeMib >= MEMORY_NEEDED_MIB
            ? ""
            : "networks and images live outside the Java heap: raise spark.executor.memoryOverhead"
                + " or free memory");
  }
}
