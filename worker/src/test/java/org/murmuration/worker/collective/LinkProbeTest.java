package org.murmuration.worker.collective;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every two ranks meet once, nobody twice at a time, and what is measured is told once. */
@Timeout(60)
class LinkProbeTest {
  private static final int PAYLOAD = 64 * 1024;
  private static final double SAME_CLOCK_MS = 50;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 8, 9})
  void shouldHaveEveryRankMeetEveryOther(int worldSize) {
    for (int rank = 0; rank < worldSize; rank++) {
      var self = rank;
      var others = IntStream.range(0, worldSize).filter(peer -> peer != self).boxed().toList();
      assertThat(LinkProbe.opponents(rank, worldSize)).containsExactlyInAnyOrderElementsOf(others);
    }
  }

  /** With an even number, all meet somebody in each round, and both agree on whom. */
  @ParameterizedTest
  @ValueSource(ints = {2, 4, 6, 8})
  void shouldPairRanksInEachRound(int worldSize) {
    for (int round = 0; round < worldSize - 1; round++) {
      Set<Integer> met = new HashSet<>();
      for (int rank = 0; rank < worldSize; rank++) {
        int peer = LinkProbe.opponents(rank, worldSize).get(round);
        assertThat(LinkProbe.opponents(peer, worldSize).get(round)).isEqualTo(rank);
        met.add(peer);
      }
      assertThat(met).hasSize(worldSize);
    }
  }

  @Test
  void shouldMeasureEachLinkOnce() throws Exception {
    int worldSize = 3;
    var world =
        new InMemoryWorld(InMemoryWorld.topology(worldSize, worldSize, worldSize), PAYLOAD, 4);
    var threads = Executors.newFixedThreadPool(worldSize);
    List<Callable<List<LinkProbe.Measurement>>> ranks = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      var transport = world.transport(rank);
      ranks.add(() -> LinkProbe.measure(transport));
    }
    try {
      Set<String> links = new HashSet<>();
      int from = 0;
      for (var rank : threads.invokeAll(ranks)) {
        for (var link : rank.get()) {
          links.add(from + "-" + link.peer());
          assertThat(link.roundTripMs()).isPositive();
          assertThat(link.mibPerSecond()).isPositive();
          assertThat(Math.abs(link.clockAheadMs())).isLessThan(SAME_CLOCK_MS);
          assertThat(link.sharesHost()).isFalse();
        }
        from++;
      }
      assertThat(links).containsExactlyInAnyOrder("0-1", "0-2", "1-2");
    } finally {
      threads.shutdownNow();
      assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }
}
