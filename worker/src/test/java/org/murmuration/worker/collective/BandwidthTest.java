package org.murmuration.worker.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
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
  private static final int SUMS = 40;

  /** Headers of Ethernet, IP, UDP, Aeron and the frame take 130 of 1,482 bytes; and some air. */
  private static final double FRAMED = 1.12;

  /** What the token bucket lets through at once, of a vector. */
  private static final double BURST = 1.02;

  private static final double BITS_PER_BYTE = 8;
  private static final double NS_PER_SECOND = 1e9;

  @TempDir private Path directory;

  /**
   * Of two ranks each sends the whole vector once: half of it to be added, and half of the sum. The
   * fastest sum tells what the network carries, where the others tell how busy the processor was.
   */
  @Test
  void shouldUseNineTenthsOfAGigabitLinkAndSendNothingTwice() throws IOException {
    assumeTrue(TwoHosts.arePossible(), "needs root and iproute2");
    try (var hosts = new TwoHosts()) {
      var timesNs = timesOfSums(hosts);
      var sentBytes = hosts.sentBytes(0) / (double) SUMS;
      var bitsPerSecond = sentBytes * BITS_PER_BYTE * NS_PER_SECOND / Collections.min(timesNs);

      assertThat(sentBytes / BYTES).as("bytes sent for each of the vector").isBetween(1.0, FRAMED);
      assertThat(bitsPerSecond)
          .as("bits in a second, of sums that took %s ns", timesNs)
          .isBetween(0.9 * TwoHosts.BITS_PER_SECOND, BURST * TwoHosts.BITS_PER_SECOND);
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
      return ranks.get(0).results();
    } finally {
      CloseHelper.closeAll(ranks);
    }
  }
}
