package org.murmuration.worker.health;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.health.Finding.Status;

/**
 * The checks of one process: Java and what it opens, ND4J, memory, and for Aeron room for its
 * buffers and those of its sockets.
 */
public final class HostCheck {
  private static final int KIB = 1024;
  private static final long MIB = 1024 * 1024;
  private static final long SHARED_MEMORY_NEEDED_MIB = 64;
  private static final long MEMORY_NEEDED_MIB = 1024;
  private static final int SOCKET_BUFFER_WANTED = 4 * 1024 * 1024;
  private static final int SOCKET_BUFFER_NEEDED = 2 * 1024 * 1024;

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
    return Stream.of(java(), opens(), backend(), sharedMemory(), socketBuffers(), memory())
        .toList();
  }

  /** The checks of a process that decides and computes nothing. */
  public static List<Finding> ofDriver() {
    return Stream.of(java(), backend(), memory()).toList();
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

  /** What the kernel grants to a UDP socket; the transport sizes its window by it. */
  static Finding socketBuffers() {
    try (var channel = DatagramChannel.open()) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER_WANTED);
      channel.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER_WANTED);
      return socketBuffers(
          channel.getOption(StandardSocketOptions.SO_RCVBUF),
          channel.getOption(StandardSocketOptions.SO_SNDBUF));
    } catch (IOException e) {
      return Finding.problem(
          "socket buffers",
          "no UDP socket can be opened: " + e.getMessage(),
          "allow UDP sockets to the user that runs this process, and enough open files");
    }
  }

  /**
   * @param receive bytes that the kernel grants of {@link #SOCKET_BUFFER_WANTED} for receiving
   * @param send the same for sending
   */
  static Finding socketBuffers(int receive, int send) {
    var value =
        "UDP: %d KiB to receive, %d KiB to send, of %d wanted"
            .formatted(receive / KIB, send / KIB, SOCKET_BUFFER_WANTED / KIB);
    return Math.min(receive, send) >= SOCKET_BUFFER_NEEDED
        ? Finding.ok("socket buffers", value)
        : Finding.warning(
            "socket buffers",
            value,
            "a network of 1 Gbit/s with 20 ms delay has 2.5 MB on its way, and what finds no buffer"
                + " is lost and sent again: sysctl -w net.core.rmem_max=%d"
                    .formatted(SOCKET_BUFFER_WANTED)
                + " net.core.wmem_max=%d".formatted(SOCKET_BUFFER_WANTED));
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
