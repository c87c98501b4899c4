package org.murmuration.worker.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The machine, as Linux describes it. */
public final class Host {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
  private static final Path THIS_PROCESS = Path.of("/proc/self/status");

  /** What decides which kernels a library takes. */
  private static final Set<String> INSTRUCTIONS =
      Set.of("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16");

  private Host() {}

  /** The processor's name and which vector instructions it has. */
  public static String processor() {
    var instructions =
        flags().stream().filter(INSTRUCTIONS::contains).sorted().collect(Collectors.joining(" "));
    return "%s (%s)".formatted(firstOf(PROCESSORS, "model name"), instructions);
  }

  /** How many processes wanted to run in the last minute, on average; 0 on an idle machine. */
  public static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  /** The build of ND4J for this processor, the one that the launcher of a job takes. */
  static String nd4jExtension() {
    var flags = flags();
    if (flags.contains("avx512f")) {
      return "-onednn-avx512";
    }
    return flags.contains("avx2") ? "-onednn-avx2" : "";
  }

  /** The most memory that was ever resident in this process, in MiB. */
  static long peakResidentMib() {
    return Long.parseLong(firstOf(THIS_PROCESS, "VmHWM").replaceAll("\\D", "")) / 1024;
  }

  private static List<String> flags() {
    return List.of(firstOf(PROCESSORS, "flags").split(" "));
  }

  private static String firstOf(Path file, String key) {
    try (var lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("%s has no %s".formatted(file, key)));
    } catch (IOException e) {
      throw new UncheckedIOException("%s can't be read from %s".formatted(key, file), e);
    }
  }
}
