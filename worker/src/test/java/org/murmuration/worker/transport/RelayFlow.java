package org.murmuration.worker.transport;

import java.net.SocketAddress;
import java.util.SplittableRandom;

/** What one sender sends, or what it is answered: one way of a {@link UdpRelay}. */
final class RelayFlow {
  private final ImpairedLink link;
  private final SplittableRandom random;
  private final RelaySocket socket;
  private final SocketAddress destination;
  private long received;
  private long newestSent = -1;

  /**
   * A flow of nothing yet.
   *
   * @param link what it shares with all flows of its direction
   * @param random what decides its datagrams' fate
   * @param socket what its datagrams leave by
   */
  RelayFlow(
      ImpairedLink link, SplittableRandom random, RelaySocket socket, SocketAddress destination) {
    this.link = link;
    this.random = random;
    this.socket = socket;
    this.destination = destination;
  }

  RelaySocket socket() {
    return socket;
  }

  SocketAddress destination() {
    return destination;
  }

  /** The number of the datagram that has come now. */
  long nextNumber() {
    return received++;
  }

  /** When the copies of the datagram that has come now leave. */
  long[] departures(Impairment impairment, int size, long nowNs) {
    return link.departures(impairment, size, nowNs, random);
  }

  /** Notes that a datagram leaves, and says whether a later one left before. */
  boolean leavesLate(long number) {
    var late = number < newestSent;
    newestSent = Math.max(newestSent, number);
    return late;
  }
}
