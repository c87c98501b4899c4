package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.murmuration.worker.transport.UdpPeer.numbers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.murmuration.worker.transport.UdpPeer.Arrival;

/** The relay's sockets and thread. */
@Timeout(60)
class UdpRelaySocketsTest {
  private static final int LARGEST_DATAGRAM = 65_507;
  private static final int SMALL = 16;
  private static final Duration QUIET = Duration.ofMillis(100);

  private final UdpPeer sender = new UdpPeer();
  private final UdpPeer target = new UdpPeer();

  @AfterEach
  void closeBothEnds() {
    sender.close();
    target.close();
  }

  @Test
  void shouldGiveEachSenderItsOwnAnswersOnly() {
    try (var relay = relay(Impairment.NONE);
        var other = new UdpPeer();
        var stranger = new UdpPeer()) {
      for (var n = 0; n < 10; n++) {
        sender.send(UdpPeer.numbered(2 * n, SMALL), relay);
        other.send(UdpPeer.numbered(2 * n + 1, SMALL), relay);
      }
      for (var arrival : target.receive(20)) {
        stranger.send(UdpPeer.numbered(-1, SMALL), arrival.from());
        target.send(arrival.bytes().array(), arrival.from());
      }

      assertThat(numbers(sender.receive(10))).allMatch(n -> n % 2 == 0);
      assertThat(numbers(other.receive(10))).allMatch(n -> n % 2 == 1);
      assertThat(sender.receive(QUIET)).isEmpty();
      assertThat(other.receive(QUIET)).isEmpty();
    }
  }

  @Test
  void shouldReplayTheLastFromTheSocketsThatTheyCameFrom() {
    try (var relay = relay(Impairment.NONE);
        var other = new UdpPeer()) {
      sender.send(UdpPeer.numbered(0, SMALL), relay);
      target.receive();
      relay.record(3);
      var sent = new ArrayList<Arrival>();
      for (var n = 1; n <= 5; n++) {
        (n % 2 == 0 ? other : sender).send(UdpPeer.numbered(n, SMALL), relay);
        sent.add(target.receive());
      }

      relay.become(Impairment.blackout());
      for (var time = 0; time < 2; time++) {
        assertThat(relay.replay()).isEqualTo(3);
        for (var n = 2; n < 5; n++) {
          var again = target.receive();
          assertThat(again.bytes()).isEqualTo(sent.get(n).bytes());
          assertThat(again.from()).isEqualTo(sent.get(n).from());
        }
      }
      assertThat(target.receive(QUIET)).isEmpty();
    }
  }

  @Test
  void shouldMoveFiftyMegabytesInASecond() {
    var count = 1_600;
    try (var relay = relay(Impairment.NONE)) {
      var startNs = System.nanoTime();
      for (var n = 0; n < count; n += 2) {
        sender.send(UdpPeer.numbered(n, LARGEST_DATAGRAM), relay);
        sender.send(UdpPeer.numbered(n + 1, LARGEST_DATAGRAM), relay);
        assertThat(numbers(target.receive(2))).containsExactly(n, n + 1);
      }

      var seconds = (System.nanoTime() - startNs) / 1e9;
      assertThat(count * LARGEST_DATAGRAM / 1e6 / seconds).isGreaterThan(50);
    }
  }

  @Test
  void shouldTellWhatEndedItsThread() {
    // A socket that wasn't opened for broadcasts may not send any.
    var relay = new UdpRelay(new InetSocketAddress("255.255.255.255", 9), Impairment.NONE, 1);
    relay.check();
    sender.send(new byte[SMALL], relay);

    await()
        .untilAsserted(
            () -> assertThatThrownBy(relay::check).hasCauseInstanceOf(IOException.class));
    assertThatThrownBy(relay::replay).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(relay::close).hasMessageContaining("/255.255.255.255:9 failed");
  }

  @Test
  void shouldRefuseATargetThatItCannotReach() throws IOException {
    for (var elsewhere :
        List.of(
            new InetSocketAddress(InetAddress.getByAddress(new byte[16]), 9),
            InetSocketAddress.createUnresolved("somewhere", 9))) {
      assertThatThrownBy(() -> new UdpRelay(elsewhere, Impairment.NONE, 1).close())
          .hasMessageStartingWith("the relay's target must have an IPv4 address, was ");
    }
  }

  private UdpRelay relay(Impairment impairment) {
    return new UdpRelay(target.address(), impairment, 1);
  }
}
