package org.murmuration.worker.collective;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.murmuration.worker.transport.TransportSettings;

/**
 * A process of four ranks on two hosts that connects, sums and leaves, round after round, and says
 * after each round what it holds then. Its heap has a fixed size, so that what its memory grows by
 * is native.
 */
final class LeakProbe {
  private static final int WORLD = 4;
  private static final int HOSTS = 2;
  private static final int SIZE = 20_011;

  private static final long BYTES_PER_KIB = 1024;

  private LeakProbe() {}

  /**
   * What a process holds.
   *
   * @param residentBytes of physical memory
   * @param files that it has open, jars excepted
   * @param threads of Java that it runs
   * @param buffers of media drivers that it has mapped
   */
  record Holdings(long residentBytes, long files, long threads, long buffers) {

    static Holdings now(Path directory) throws IOException {
      return new Holdings(
          readResidentBytes(),
          openFiles(),
          ManagementFactory.getThreadMXBean().getThreadCount(),
          buffers(directory));
    }

    private static long readResidentBytes() throws IOException {
      try (var lines = Files.lines(Path.of("/proc/self/status"))) {
        return lines
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * BYTES_PER_KIB)
            .findFirst()
            .orElseThrow();
      }
    }

    /** Without jars, which the JVM opens with the first class that it needs from them, for good. */
    private static long openFiles() throws IOException {
      try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
        return descriptors.filter(Holdings::isHeld).count();
      }
    }

    private static boolean isHeld(Path descriptor) {
      try {
        return !Files.readSymbolicLink(descriptor).toString().endsWith(".jar");
      } catch (NoSuchFileException closedSince) {
        return false;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static long buffers(Path directory) throws IOException {
      try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
        return lines.filter(line -> line.contains(directory.toString())).count();
      }
    }

    String encode() {
      return "%d %d %d %d".formatted(residentBytes, files, threads, buffers);
    }

    static Holdings decode(String text) {
      var parts = text.split(" ", 4);
      return new Holdings(
          Long.parseLong(parts[0]),
          Long.parseLong(parts[1]),
          Long.parseLong(parts[2]),
          Long.parseLong(parts[3]));
    }
  }

  /** Takes a folder for buffers, the number of rounds and the number of sums in each. */
  public static void main(String[] arguments) throws IOException {
    var directory = Path.of(arguments[0]);
    var rounds = Integer.parseInt(arguments[1]);
    var sums = Integer.parseInt(arguments[2]);
    for (int round = 0; round < rounds; round++) {
      sum(directory, sums);
      System.gc();
      System.out.println(Holdings.now(directory).encode());
    }
  }

  private static void sum(Path directory, int sums) {
    Ranks.overAeron(
        WORLD,
        rank ->
            CollectiveSettings.exact(
                Algorithm.AUTO,
                TransportSettings.defaults()
                    .withDirectory(directory.resolve("host" + rank % HOSTS).toString())),
        collective -> {
          var vector = WholeNumbers.vector(collective.rank(), SIZE, 0);
          for (int n = 0; n < sums; n++) {
            WholeNumbers.fill(vector, collective.rank(), n);
            collective.allReduceSum(vector, Residual.none());
            WholeNumbers.requireSum(vector, WORLD, n);
          }
          return null;
        });
  }
}
