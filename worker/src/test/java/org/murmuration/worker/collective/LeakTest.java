package org.murmuration.worker.collective;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.worker.ChildJvm;
import org.murmuration.worker.collective.LeakProbe.Holdings;

/** What a process holds after its ranks have left is what it held after the first ones had. */
class LeakTest {
  /** Much less than the buffers of a link between hosts, which take 12 MiB in each direction. */
  private static final long NATIVE_GROWTH_BYTES = 8L * 1024 * 1024;

  @TempDir private Path directory;

  @Test
  @Timeout(120)
  void shouldHoldNothingAfterTwoHundredSums() throws IOException {
    requireNoGrowth(5, 40);
  }

  @Test
  @Tag("torture")
  @Timeout(1200)
  void shouldHoldNothingAfterTenThousandSums() throws IOException {
    requireNoGrowth(10, 1000);
  }

  private void requireNoGrowth(int rounds, int sumsPerRound) throws IOException {
    var holdings = probe(rounds, sumsPerRound);

    assertThat(holdings).hasSize(rounds);
    // The first round loads classes and libraries, which stay, and the second compiles.
    var settled = holdings.get(1);
    var last = holdings.get(rounds - 1);
    assertThat(last.files()).as("open files after %s", holdings).isEqualTo(settled.files());
    assertThat(last.threads())
        .as("threads after %s", holdings)
        .isLessThanOrEqualTo(settled.threads());
    assertThat(last.buffers()).as("mapped buffers after %s", holdings).isZero();
    assertThat(last.residentBytes())
        .as("bytes in memory after %s", holdings)
        .isLessThan(settled.residentBytes() + NATIVE_GROWTH_BYTES);
  }

  private List<Holdings> probe(int rounds, int sumsPerRound) throws IOException {
    List<String> command = new ArrayList<>(ChildJvm.command(LeakProbe.class));
    command.addAll(
        1, List.of("-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch", "-XX:TieredStopAtLevel=1"));
    command.addAll(
        List.of(directory.toString(), Integer.toString(rounds), Integer.toString(sumsPerRound)));
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    // One arena of malloc for each thread would grow with the number of threads that ever were.
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    var process = builder.start();
    try (var output = process.inputReader(UTF_8)) {
      return output.lines().map(Holdings::decode).toList();
    } finally {
      process.destroyForcibly();
    }
  }
}
