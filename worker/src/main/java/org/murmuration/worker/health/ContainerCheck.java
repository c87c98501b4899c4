package org.murmuration.worker.health;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** How much memory the container of this process may take, and how much the process takes. */
public final class ContainerCheck {
  private static final long KIB_PER_MIB = 1024;
  private static final long BYTES_PER_MIB = 1 << 20;
  private static final double NEARLY_FULL = 0.9;

  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private ContainerCheck() {}

  /**
   * The check of this process.
   *
   * @param promisedMib what the cluster manager was asked for; empty where it sets no limit
   * @throws IOException when /proc can't be read
   */
  public static Finding run(OptionalLong promisedMib) throws IOException {
    return judge(promisedMib, availableMib(), residentMib());
  }

  /** The finding, from what was asked for, what the kernel gives, and what is taken. */
  static Finding judge(OptionalLong promisedMib, long availableMib, long residentMib) {
    var asked = promisedMib.isPresent() ? promisedMib.getAsLong() + " MiB" : "nothing";
    var value =
        "%d MiB taken, %s asked for, %d MiB given by the kernel"
            .formatted(residentMib, asked, availableMib);
    var granted = promisedMib.orElse(availableMib);
    if (availableMib < granted) {
      return Finding.problem(
          "container", value, "the container is smaller than it should be: ask who set its limit");
    }
    if (residentMib > NEARLY_FULL * granted) {
      return Finding.warning(
          "container",
          value,
          "it will be killed when it grows: raise spark.executor.memoryOverhead");
    }
    return Finding.ok("container", value);
  }

  /** All that this process may take: the limit of its control group, or the host's memory. */
  public static long availableMib() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize()
        / BYTES_PER_MIB;
  }

  /**
   * The memory that this process takes.
   *
   * @throws IOException when it can't be read
   */
  public static long residentMib() throws IOException {
    var resident =
        RESIDENT.matcher(Files.readString(Path.of("/proc/self/status"), StandardCharsets.US_ASCII));
    return resident.find() ? Long.parseLong(resident.group(1)) / KIB_PER_MIB : 0;
  }
}
