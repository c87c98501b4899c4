package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;
import static org.murmuration.worker.transport.UdpPeer.numbers;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class UdpRelayTest {
  private static final int LARGEST_DATAGRAM = 65_507;
  private static final int SMALL = 16;

  /** So few small datagrams fit any kernel's socket buffer. */
  private static final int BURST = 50;

  private static final Duration QUIET = Duration.ofMillis(100);
  private static final Duration DELAY = Duration.ofMillis(30);
  private static final long MS = 1_000_000;

  private final UdpPeer sender = new UdpPeer();
  private final UdpPeer target = new UdpPeer();

  @AfterEach
  void closeBothEnds() {
    sender.close();
    target.close();
  }

  @Test
  void shouldPassAllBothWaysUnalteredAndInOrder() {
    var random = new SplittableRandom(1);
    try (var relay = relay(Impairment.NONE)) {
      for (var length : new int[] {0, 1, 32, 1408, 8192, 65_504, LARGEST_DATAGRAM}) {
        for (var n = 0; n < 2; n++) {
          var question = bytes(random, length);
          sender.send(question, relay);
          var arrival = target.receive();
          assertThat(arrival.bytes()).isEqualTo(ByteBuffer.wrap(question));

          var answer = bytes(random, length);
          target.send(answer, arrival.from());
          var back = sender.receive();
          assertThat(back.bytes()).isEqualTo(ByteBuffer.wrap(answer));
          assertThat(back.from().getPort()).isEqualTo(relay.port());
        }
      }
      sendBurst(relay, 0);
      assertThat(numbers(target.receive(BURST))).isEqualTo(numbersTo(BURST));
      assertThat(relay.forwarded()).isEqualTo(28 + BURST);
      assertThat(relay.lost() + relay.duplicated() + relay.reordered()).isZero();
    }
  }

  @Test
  void shouldLoseTheShareThatWasSet() {
    var bursts = 60;
    try (var relay = relay(Impairment.NONE.withLoss(0.25))) {
      var arrived = 0;
      for (var n = 1; n <= bursts; n++) {
        sendBurst(relay, 0);
        arrived += target.receive((int) relay.forwarded() - arrived).size();
      }

      var sent = bursts * BURST;
      assertThat(target.receive(QUIET)).isEmpty();
      assertThat(arrived / (double) sent).isCloseTo(0.75, within(fiveSigma(0.25, sent)));
      assertThat(relay.lost()).isEqualTo(sent - arrived);
    }
  }

  @Test
  void shouldLoseTheSameDatagramsWithTheSameSeed() {
    assertThat(survivors(1)).isEqualTo(survivors(1)).isNotEqualTo(survivors(2));
  }

  @Test
  void shouldDelayBothWays() {
    try (var relay = relay(Impairment.NONE.withDelay(DELAY))) {
      for (var n = 0; n < 5; n++) {
        var startNs = System.nanoTime();
        sender.send(new byte[SMALL], relay);
        var arrival = target.receive();
        assertThat(arrival.timeNs() - startNs).isGreaterThanOrEqualTo(DELAY.toNanos());

        startNs = System.nanoTime();
        target.send(new byte[SMALL], arrival.from());
        assertThat(sender.receive().timeNs() - startNs).isGreaterThanOrEqualTo(DELAY.toNanos());
      }
      assertThat(relay.reordered()).isZero();
    }
  }

  @Test
  void shouldKeepTheOrderUnderADelayWithoutJitter() {
    try (var relay = relay(Impairment.NONE.withDelay(DELAY))) {
      sendBurst(relay, 0);

      assertThat(numbers(target.receive(BURST))).isEqualTo(numbersTo(BURST));
    }
  }

  @Test
  void shouldDuplicateTheShareThatWasSet() {
    var bursts = 20;
    try (var relay = relay(Impairment.NONE.withDuplicate(0.4))) {
      var copies = 0;
      for (var n = 1; n <= bursts; n++) {
        var before = relay.forwarded();
        sendBurst(relay, 0);
        var numbers = numbers(target.receive((int) (relay.forwarded() - before)));
        assertThat(new HashSet<>(numbers)).isEqualTo(new HashSet<>(numbersTo(BURST)));
        copies += numbers.size() - BURST;
      }

      assertThat(relay.duplicated()).isEqualTo(copies);
      var sent = bursts * BURST;
      assertThat(copies / (double) sent).isCloseTo(0.4, within(fiveSigma(0.4, sent)));
    }
  }

  @Test
  void shouldLetSomeOvertakeTheDelayed() {
    try (var relay = relay(Impairment.NONE.withDelay(DELAY.multipliedBy(5)).withReorder(0.2))) {
      sendBurst(relay, 0);

      var numbers = numbers(target.receive(BURST));
      assertThat(numbers).isNotEqualTo(numbersTo(BURST)).hasSameElementsAs(numbersTo(BURST));
      assertThat(relay.reordered()).isEqualTo(late(numbers)).isPositive();
    }
  }

  @Test
  void shouldReorderByJitter() {
    try (var relay = relay(Impairment.NONE.withDelay(DELAY, DELAY))) {
      sendBurst(relay, 0);

      var numbers = numbers(target.receive(BURST));
      assertThat(numbers).hasSameElementsAs(numbersTo(BURST));
      assertThat(relay.reordered()).isEqualTo(late(numbers)).isPositive();
    }
  }

  @Test
  void shouldLimitTheRateOfAllSendersTogether() {
    var length = 10_000;
    // A megabyte a second.
    try (var relay = relay(Impairment.NONE.withCap(8_000_000, 1_000_000));
        var other = new UdpPeer()) {
      var startNs = System.nanoTime();
      for (var n = 0; n < 10; n++) {
        sender.send(UdpPeer.numbered(n, length), relay);
        other.send(UdpPeer.numbered(n, length), relay);
      }

      var last = target.receive(20).get(19);
      assertThat(last.timeNs() - startNs).isGreaterThanOrEqualTo(200 * MS);
    }
  }

  @Test
  void shouldLoseWhatTheQueueHasNoRoomFor() {
    // A datagram takes the link 100 seconds, and there is room for it and one more.
    try (var relay = relay(Impairment.NONE.withCap(80, 2_000))) {
      for (var n = 0; n < BURST; n++) {
        sender.send(UdpPeer.numbered(n, 1_000), relay);
      }

      await().untilAsserted(() -> assertThat(relay.lost()).isEqualTo(BURST - 2));
    }
  }

  @Test
  void shouldLoseAllDuringABlackout() {
    try (var relay = relay(Impairment.NONE)) {
      sender.send(UdpPeer.numbered(1, SMALL), relay);
      var address = target.receive().from();

      relay.become(Impairment.blackout());
      sendBurst(relay, 1);
      target.send(new byte[SMALL], address);
      await().untilAsserted(() -> assertThat(relay.lost()).isEqualTo(BURST + 1));
      assertThat(target.receive(QUIET)).isEmpty();
      assertThat(sender.receive(QUIET)).isEmpty();

      relay.become(Impairment.NONE);
      sender.send(UdpPeer.numbered(2, SMALL), relay);
      assertThat(target.receive().number()).isEqualTo(2);
      target.send(UdpPeer.numbered(3, SMALL), address);
      assertThat(sender.receive().number()).isEqualTo(3);
    }
  }

  private UdpRelay relay(Impairment impairment) {
    return new UdpRelay(target.address(), impairment, 1);
  }

  /** Sends numbered datagrams and returns once all met their fate, as far as nothing is delayed. */
  private void sendBurst(UdpRelay relay, int first) {
    var before = relay.forwarded() + relay.lost() - relay.duplicated();
    for (var n = 0; n < BURST; n++) {
      sender.send(UdpPeer.numbered(first + n, SMALL), relay);
    }
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> relay.forwarded() + relay.lost() - relay.duplicated() == before + BURST);
  }

  private List<Integer> survivors(long seed) {
    try (var relay = new UdpRelay(target.address(), Impairment.NONE.withLoss(0.5), seed)) {
      sendBurst(relay, 0);
      return numbers(target.receive((int) relay.forwarded()));
    }
  }

  private static List<Integer> numbersTo(int end) {
    return IntStream.range(0, end).boxed().toList();
  }

  /** How many came after a later one. */
  private static long late(List<Integer> numbers) {
    return IntStream.range(0, numbers.size())
        .filter(n -> numbers.subList(0, n).stream().anyMatch(m -> m > numbers.get(n)))
        .count();
  }

  private static byte[] bytes(SplittableRandom random, int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static double fiveSigma(double probability, int count) {
    return 5 * Math.sqrt(probability * (1 - probability) / count);
  }
}
