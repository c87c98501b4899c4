package org.murmuration.worker.health;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** How much memory the container of this process may take, and how much the process takes. */
public final class ContainerCheck {
  private static final long KIB_PER_MIB = 1024;
  private static final long BYTES_PER_MIB = 1 << 20;
  private static final double NEARLY_FULL = 0.9;

  /** Version 2 and version 1 of control groups. */
  private static final List<Path> LIMITS =
      List.of(
          Path.of("/sys/fs/cgroup/memory.max"),
          Path.of("/sys/fs/cgroup/memory/memory.limit_in_bytes"));

  /** What version 1 says for no limit is a number without meaning. */
  private static final long NO_LIMIT = 1L << 60;

  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private ContainerCheck() {}

  /**
   * The check of this process.
   *
   * @param promisedMib what the cluster manager was asked for; empty where it sets no limit
   * @throws IOException when /proc can't be read
   */
  public static Finding run(OptionalLong promisedMib) throws IOException {
    return judge(promisedMib, limitMib(), residentMib());
  }

  /** The finding, from what was asked for, what the kernel enforces, and what is taken. */
  static Finding judge(OptionalLong promisedMib, OptionalLong limitMib, long residentMib) {
    var value =
        "%d MiB taken, %s asked for, %s enforced by the kernel"
            .formatted(residentMib, words(promisedMib), words(limitMib));
    var asked = promisedMib.orElse(Long.MAX_VALUE);
    var enforced = limitMib.orElse(Long.MAX_VALUE);
    if (promisedMib.isPresent() && enforced < asked) {
      return Finding.problem(
          "container", value, "the container is smaller than it should be: ask who set its limit");
    }
    if (residentMib > NEARLY_FULL * Math.min(asked, enforced)) {
      return Finding.warning(
          "container",
          value,
          "it will be killed when it grows: raise spark.executor.memoryOverhead");
    }
    return Finding.ok("container", value);
  }

  private static String words(OptionalLong mib) {
    return mib.isPresent() ? mib.getAsLong() + " MiB" : "nothing";
  }

  /**
   * The memory that the kernel lets this process's control group take; empty where there is no
   * limit.
   *
   * @throws IOException when it can't be read
   */
  public static OptionalLong limitMib() throws IOException {
    for (var file : LIMITS) {
      if (Files.isReadable(file)) {
        var text = Files.readString(file, StandardCharsets.US_ASCII).strip();
        if (text.matches("\\d{1,18}")) {
          var bytes = Long.parseLong(text);
          return bytes < NO_LIMIT ? OptionalLong.of(bytes / BYTES_PER_MIB) : OptionalLong.empty();
        }
      }
    }
    return OptionalLong.empty();
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
