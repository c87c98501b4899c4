package org.murmuration.worker.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How much of a network's bandwidth a sum uses. */
@Tag("torture")
@Timeout(300)
class BandwidthTest {
  private static final int BYTES = 16 * 1024 * 1024;
  private static final int SUMS = 60;
  private static final int WARM_UP = 30;
  private static final double BITS_PER_BYTE = 8;
  private static final double NS_PER_SECOND = 1e9;

  @TempDir private Path directory;

  /** Of two ranks each sends the whole vector once: half of it to be added, and half of the sum. */
  @Test
  void shouldUseNineTenthsOfAGigabitLink() throws IOException {
    assumeTrue(TwoHosts.arePossible(), "needs root and iproute2");
    try (var hosts = new TwoHosts()) {
      var timesNs = timesOfSums(hosts);
      var medianNs = timesNs.stream().sorted().toList().get(timesNs.size() / 2);
      var bitsPerSecond = BYTES * BITS_PER_BYTE * NS_PER_SECOND / medianNs;

      System.out.printf(
          "%.3f of the link, %d bytes sent%n",
          bitsPerSecond / TwoHosts.BITS_PER_SECOND, hosts.sentBytes(0));
      System.out.println(timesNs);
      assertThat(bitsPerSecond).isGreaterThan(0.9 * TwoHosts.BITS_PER_SECOND);
    }
  }

  private List<Long> timesOfSums(TwoHosts hosts) {
    List<RankProcess> ranks = new ArrayList<>();
    try {
      for (int rank = 0; rank < 2; rank++) {
        var place =
            new ProcessRank.Place(
                rank,
                2,
                0,
                hosts.address(rank),
                directory.resolve("host" + rank),
                Duration.ofSeconds(20));
        ranks.add(RankProcess.start(hosts.within(rank), place, "time", BYTES / Float.BYTES, SUMS));
      }
      RankProcess.meet(ranks);
      RankProcess.meet(ranks);
      assertThat(ranks)
          .allSatisfy(rank -> assertThat(rank.endsWithin(Duration.ofSeconds(60))).isTrue());
      return ranks.get(0).results().subList(WARM_UP, SUMS);
    } finally {
      CloseHelper.closeAll(ranks);
    }
  }
}
