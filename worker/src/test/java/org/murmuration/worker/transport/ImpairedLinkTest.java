package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The link in virtual time, where every expectation is exact or a binomial bound. */
class ImpairedLinkTest {
  private static final int COUNT = 20_000;
  private static final int SIZE = 1_000;
  private static final long MS = 1_000_000;
  private static final Duration DELAY = Duration.ofMillis(20);
  private static final Duration JITTER = Duration.ofMillis(5);

  private final ImpairedLink link = new ImpairedLink();
  private final SplittableRandom random = new SplittableRandom(7);

  @Test
  void shouldPassEverythingAtOnceWithoutImpairment() {
    assertThat(Arrays.stream(burst(Impairment.NONE, 100, 3)))
        .allMatch(times -> Arrays.equals(times, at(3)));
  }

  @Test
  void shouldLoseAndDuplicateIndependently() {
    var fates = burst(Impairment.NONE.withLoss(0.3).withDuplicate(0.2), COUNT, 0);

    assertShare(fates, times -> times.length == 0, 0.3);
    assertShare(fates, times -> times.length == 2, 0.7 * 0.2);
  }

  @Test
  void shouldSpreadTheDelayUniformlyOverTheJitter() {
    var fates = burst(Impairment.NONE.withDelay(DELAY, JITTER), COUNT, 0);

    var times = Arrays.stream(fates).mapToLong(t -> t[0]).summaryStatistics();
    assertThat(times.getMin()).isBetween(15 * MS, 15 * MS + MS / 10);
    assertThat(times.getMax()).isBetween(25 * MS - MS / 10, 25 * MS);
    assertShare(fates, t -> t[0] < 17 * MS, 0.2);
    assertShare(fates, t -> t[0] < 20 * MS, 0.5);
  }

  @Test
  void shouldSendTheReorderedAtOnceAndDelayTheOthers() {
    var fates = burst(Impairment.NONE.withDelay(DELAY).withReorder(0.1), COUNT, 0);

    assertThat(Arrays.stream(fates)).allMatch(t -> t[0] == 0 || t[0] == 20 * MS);
    assertShare(fates, t -> t[0] == 0, 0.1);
  }

  @Test
  void shouldSerialiseAtTheCap() {
    // 1,000 bytes at 8 Mbit/s take a millisecond.
    var fates = burst(Impairment.NONE.withCap(8_000_000, 100_000).withDelay(DELAY), 10, 0);

    assertThat(fates)
        .isDeepEqualTo(
            IntStream.rangeClosed(21, 30).mapToObj(n -> at(n * MS)).toArray(long[][]::new));
  }

  @Test
  void shouldDropWhatFindsNoRoomInTheQueue() {
    var capped = Impairment.NONE.withCap(8_000_000, 3_500);

    // The link takes the first, of which all is left, and two and a half fit beside it.
    assertThat(burst(capped, 5, 0))
        .isDeepEqualTo(new long[][] {at(MS), at(2 * MS), at(3 * MS), {}, {}});
    assertThat(burst(capped, 2, MS)).isDeepEqualTo(new long[][] {at(4 * MS), {}});
    assertThat(burst(capped, 1, 50 * MS)).isDeepEqualTo(new long[][] {at(51 * MS)});
  }

  @Test
  void shouldPassWhatIsLargerThanTheQueueOnAnIdleLink() {
    assertThat(burst(Impairment.NONE.withCap(8_000_000, 10), 2, 0))
        .isDeepEqualTo(new long[][] {at(MS), {}});
  }

  @Test
  void shouldForgetTheQueueWithTheCap() {
    burst(Impairment.NONE.withCap(8_000, 100_000), 10, 0);

    assertThat(burst(Impairment.NONE, 1, 1)[0]).containsExactly(1);
    assertThat(burst(Impairment.NONE.withCap(8_000_000, 0), 1, 2)[0]).containsExactly(2 + MS);
  }

  @Test
  void shouldDecideByTheSeedAndTheNumberWhateverWasSetBefore() {
    var impairment = Impairment.NONE.withLoss(0.5).withDuplicate(0.5).withDelay(DELAY, JITTER);
    var other = new SplittableRandom(7);
    burst(Impairment.blackout(), 50, 0);
    for (var n = 0; n < 50; n++) {
      new ImpairedLink().departures(impairment, SIZE, 0, other);
    }

    for (var n = 0; n < 100; n++) {
      assertThat(link.departures(impairment, SIZE, 0, random))
          .containsExactly(new ImpairedLink().departures(impairment, SIZE, 0, other));
    }
  }

  @Test
  void shouldRefuseWhatNoLinkCanDo() {
    assertThatThrownBy(() -> Impairment.NONE.withLoss(1.5))
        .hasMessage("loss must be from 0 to 1, was 1.5");
    assertThatThrownBy(() -> Impairment.NONE.withReorder(Double.NaN))
        .hasMessageStartingWith("reorder must be from 0 to 1");
    assertThatThrownBy(() -> Impairment.NONE.withDelay(JITTER, DELAY))
        .hasMessage("jitter must be from 0 to the delay, which is PT0.005S, was PT0.02S");
    assertThatThrownBy(() -> Impairment.NONE.withCap(0, 5))
        .hasMessageStartingWith("queueBytes must be 0 where bitsPerSecond is 0");
  }

  private long[][] burst(Impairment impairment, int count, long nowNs) {
    return IntStream.range(0, count)
        .mapToObj(n -> link.departures(impairment, SIZE, nowNs, random))
        .toArray(long[][]::new);
  }

  private static long[] at(long timeNs) {
    return new long[] {timeNs};
  }

  /** Five standard deviations of the binomial distribution. */
  private static void assertShare(long[][] fates, Predicate<long[]> what, double expected) {
    var share = Arrays.stream(fates).filter(what).count() / (double) fates.length;
    var bound = 5 * Math.sqrt(expected * (1 - expected) / fates.length);
    assertThat(share).isCloseTo(expected, within(bound));
  }
}
