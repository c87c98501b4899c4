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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much of a network's bandwidth a sum uses. */
@Tag("torture")
@Timeout(300)
class BandwidthTest {
  private static final long GIGABIT = 1_000_000_000;
  private static final long HUNDRED_MEGABIT = 100_000_000;
  private static final int SUMS = 40;
  private static final int FEW_SUMS = 10;
  private static final int MIB = 1024 * 1024;

  /** What a packet of Ethernet takes of its link, and what of the vector it carries. */
  private static final double FRAMED = 1514.0 / (1472 - 32 - 56);

  /** For status messages and heartbeats, and for what leaves at once after a pause. */
  private static final double AIR = 1.02;

  private static final double BITS_PER_BYTE = 8;
  private static final double NS_PER_SECOND = 1e9;

  @TempDir private Path directory;

  /** Of two ranks each sends the whole vector once: half of it to be added, half of the sum. */
  @Test
  void shouldUseNineTenthsOfAGigabitLinkAndSendNothingTwice() throws IOException {
    assumeTrue(Hosts.arePossible(), "needs root and iproute2");
    var bytes = 16 * MIB;
    try (var hosts = new Hosts(2, GIGABIT)) {
      var timesNs = timesOfSums(hosts, 2, bytes, SUMS);
      var sentBytes = hosts.sentBytes(0) / (double) SUMS;
      var bitsPerSecond = sentBytes * BITS_PER_BYTE * NS_PER_SECOND / median(timesNs);

      assertThat(sentBytes / bytes)
          .as("bytes sent for each of the vector")
          .isBetween(1.0, FRAMED * AIR);
      assertThat(bitsPerSecond)
          .as("bits in a second, in sums that took %s ns", timesNs)
          .isBetween(0.9 * GIGABIT, AIR * GIGABIT);
    }
  }

  /** 2 (P-1)/P of the vector leave each host (Patarasuk and Yuan 2009), and all hosts at once. */
  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8})
  void shouldTakeAsLongAsTheLinksNeed(int worldSize) throws IOException {
    assumeTrue(Hosts.arePossible(), "needs root and iproute2");
    var bytes = 4 * MIB;
    try (var hosts = new Hosts(worldSize, HUNDRED_MEGABIT)) {
      var timesNs = timesOfSums(hosts, worldSize, bytes, FEW_SUMS);
      var sent = 2.0 * (worldSize - 1) / worldSize * bytes * FRAMED;
      var neededSeconds = sent * BITS_PER_BYTE / HUNDRED_MEGABIT;

      assertThat(median(timesNs) / NS_PER_SECOND / neededSeconds)
          .as("time of %s ns against the %.4f s that the links need", timesNs, neededSeconds)
          .isBetween(1 - 2 * Hosts.BURST_BYTES / sent, 1.1);
    }
  }

  /** Of the second half: in the first Java still compiles. */
  private static double median(List<Long> values) {
    var later = values.subList(values.size() / 2, values.size());
    return later.stream().sorted().toList().get(later.size() / 2);
  }

  private List<Long> timesOfSums(Hosts hosts, int worldSize, int bytes, int sums) {
    List<RankProcess> ranks = new ArrayList<>();
    try {
      for (int rank = 0; rank < worldSize; rank++) {
        var place =
            new ProcessRank.Place(
                rank,
                worldSize,
                0,
                hosts.address(rank),
                directory.resolve("host" + rank),
                Duration.ofSeconds(20));
        ranks.add(RankProcess.start(hosts.within(rank), place, "time", bytes / Float.BYTES, sums));
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
