package org.murmuration.worker.collective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.agrona.DirectBuffer;
import org.murmuration.worker.transport.AeronTransport;
import org.murmuration.worker.transport.JobIdentity;
import org.murmuration.worker.transport.Link;
import org.murmuration.worker.transport.Rendezvous;
import org.murmuration.worker.transport.Topology;
import org.murmuration.worker.transport.Transport;
import org.murmuration.worker.transport.TransportSettings;
import org.murmuration.worker.transport.UnreachablePeerException;

/**
 * Measures the link between every two ranks: how long a small frame takes to come back, how many
 * bytes pass in a second, and by how much the clocks differ (as NTP estimates it, from the round
 * trip that took the least time). Every rank meets every other once, as in a tournament, and at
 * most one at a time.
 */
public final class LinkProbe {
  private static final int ROUND_TRIPS = 100;
  private static final int BULKS = 3;
  private static final int BULK_BYTES = 8 * 1024 * 1024;
  private static final String CONNECTED = "connected";
  private static final int WORD = Long.BYTES;
  private static final double MIB = 1 << 20;
  private static final double NS_PER_MS = 1e6;

  private final Transport transport;
  private final Waiting waiting;

  /**
   * The link with a peer.
   *
   * @param peer its rank
   * @param address of the peer, in words
   * @param sharesHost whether the two reach each other through memory
   * @param roundTripMs the median
   * @param mibPerSecond from this rank to the peer, the best of three times
   * @param clockAheadMs by how much the peer's clock is ahead of this rank's
   */
  public record Measurement(
      int peer,
      String address,
      boolean sharesHost,
      double roundTripMs,
      double mibPerSecond,
      double clockAheadMs) {}

  private LinkProbe(Transport transport) {
    this.transport = transport;
    this.waiting = new Waiting(transport);
  }

  /**
   * Connects all ranks with each other and measures; all must call it.
   *
   * @return the links with ranks that are higher than this one; empty when another rank can't reach
   *     a peer
   * @throws UnreachablePeerException when this rank can't reach a peer; the message names it, with
   *     address and port. Then nothing is measured on any rank
   */
  public static Optional<List<Measurement>> run(
      Rendezvous rendezvous,
      TransportSettings settings,
      AeronTransport.Host host,
      JobIdentity job) {
    try (var transport =
        AeronTransport.connect(rendezvous, settings, host, job, LinkProbe::everyOther)) {
      if (allConnected(rendezvous.allGather(CONNECTED))) {
        var measured = measure(transport);
        // Who leaves earlier takes with it what its peer still waits for.
        rendezvous.allGather("probed");
        return Optional.of(measured);
      }
      return Optional.empty();
    } catch (UnreachablePeerException e) {
      rendezvous.allGather("not connected");
      throw e;
    }
  }

  private static Set<Integer> everyOther(Topology topology, int rank) {
    return IntStream.range(0, topology.ranks().size())
        .filter(peer -> peer != rank)
        .boxed()
        .collect(Collectors.toSet());
  }

  private static boolean allConnected(List<String> words) {
    return words.stream().allMatch(CONNECTED::equals);
  }

  /** The links with ranks that are higher than this one; all ranks must call it. */
  static List<Measurement> measure(Transport transport) {
    return new LinkProbe(transport).meetAll();
  }

  private List<Measurement> meetAll() {
    List<Measurement> measured = new ArrayList<>();
    for (int peer : opponents(transport.rank(), transport.worldSize())) {
      if (transport.rank() < peer) {
        measured.add(measure(peer));
      } else {
        answer(peer);
      }
    }
    return measured;
  }

  /**
   * Whom a rank meets in which order, by the circle method: one stays, the others turn around it.
   * With an odd number, somebody has nobody to meet in each round.
   */
  static List<Integer> opponents(int rank, int worldSize) {
    int places = worldSize + worldSize % 2;
    List<Integer> opponents = new ArrayList<>();
    for (int round = 0; round < places - 1; round++) {
      int opponent = opponent(rank, round, places);
      if (opponent < worldSize) {
        opponents.add(opponent);
      }
    }
    return opponents;
  }

  private static int opponent(int rank, int round, int places) {
    int turning = places - 1;
    if (rank == turning) {
      // Who meets the one that stays would otherwise meet itself: 2 r = round (mod places - 1).
      return round % 2 == 0 ? round / 2 : (round + turning) / 2;
    }
    int opponent = Math.floorMod(round - rank, turning);
    return opponent == rank ? turning : opponent;
  }

  private Measurement measure(int peer) {
    var link = transport.link(peer);
    // The first one waits until the peer is free, and says nothing of the link.
    roundTrip(link, peer, 0);
    var trips = new long[ROUND_TRIPS];
    long best = Long.MAX_VALUE;
    double ahead = 0;
    for (int i = 0; i < ROUND_TRIPS; i++) {
      long sentAt = System.currentTimeMillis();
      long began = System.nanoTime();
      long theirs = roundTrip(link, peer, 1);
      trips[i] = System.nanoTime() - began;
      if (trips[i] < best) {
        best = trips[i];
        ahead = theirs - sentAt - trips[i] / (2 * NS_PER_MS);
      }
    }
    Arrays.sort(trips);
    double seconds = Double.MAX_VALUE;
    for (int i = 0; i < BULKS; i++) {
      seconds = Math.min(seconds, bulk(link, peer));
    }
    return new Measurement(
        peer,
        link.peer(),
        transport.topology().sameHost(transport.rank(), peer),
        trips[ROUND_TRIPS / 2] / NS_PER_MS,
        BULK_BYTES / MIB / seconds,
        ahead);
  }

  /** The seconds until the peer says that it has all bytes. */
  private double bulk(Link link, int peer) {
    long began = System.nanoTime();
    sendBulk(link, peer);
    receiveWord(link, peer);
    return (System.nanoTime() - began) / (double) TimeUnit.SECONDS.toNanos(1);
  }

  private void answer(int peer) {
    var link = transport.link(peer);
    for (int i = 0; i <= ROUND_TRIPS; i++) {
      receiveWord(link, peer);
      sendWord(link, peer, System.currentTimeMillis());
    }
    for (int i = 0; i < BULKS; i++) {
      receiveBulk(link, peer);
    }
  }

  private void receiveBulk(Link link, int peer) {
    var received = new int[1];
    until(
        peer,
        () ->
            link.poll(
                0,
                (buffer, offset, length) -> {
                  received[0] += length;
                  return received[0] < BULK_BYTES;
                }),
        () -> received[0] >= BULK_BYTES,
        () -> "receiving the bytes of a link probe");
    sendWord(link, peer, received[0]);
  }

  private long roundTrip(Link link, int peer, long word) {
    sendWord(link, peer, word);
    return receiveWord(link, peer);
  }

  private void sendWord(Link link, int peer, long word) {
    var sent = new boolean[1];
    until(
        peer,
        () -> {
          sent[0] = link.trySend(0, WORD, (buffer, offset) -> buffer.putLong(offset, word));
          return sent[0];
        },
        () -> sent[0],
        () -> "sending a word of a link probe");
  }

  private long receiveWord(Link link, int peer) {
    var word = new long[1];
    var come = new boolean[1];
    until(
        peer,
        () ->
            link.poll(
                0,
                (DirectBuffer buffer, int offset, int length) -> {
                  word[0] = buffer.getLong(offset);
                  come[0] = true;
                  return false;
                }),
        () -> come[0],
        () -> "waiting for a word of a link probe");
    return word[0];
  }

  private void sendBulk(Link link, int peer) {
    var left = new int[] {BULK_BYTES};
    until(
        peer,
        () -> {
          int length = Math.min(left[0], link.maxPayloadLength());
          boolean sent =
              link.trySend(
                  0, length, (buffer, offset) -> buffer.setMemory(offset, length, (byte) 1));
          left[0] -= sent ? length : 0;
          return sent;
        },
        () -> left[0] == 0,
        () -> "sending the bytes of a link probe");
  }

  private void until(
      int peer, BooleanSupplier move, BooleanSupplier done, Supplier<String> progress) {
    waiting.begin();
    while (!done.getAsBoolean()) {
      waiting.after(move.getAsBoolean(), peer, progress);
    }
  }
}
