package org.murmuration.worker.transport;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.CloseHelper;

/**
 * A relay before the port of each rank of 127.0.0.1. Ranks that meet by a rendezvous {@linkplain
 * #around around} it are told the relays' ports instead of each other's, so whatever one sends to
 * another, and what is answered, passes the receiver's relay.
 */
public final class SpoiledNetwork implements AutoCloseable {
  private final Map<Integer, UdpRelay> relays = new TreeMap<>();
  private final Map<Integer, InetSocketAddress> ports = new TreeMap<>();
  private final long seed;
  private Impairment impairment;

  /** A network whose relays draw from this seed, each on from another number. */
  public SpoiledNetwork(Impairment impairment, long seed) {
    this.impairment = impairment;
    this.seed = seed;
  }

  /** The rendezvous as a rank behind this network sees it. */
  public Rendezvous around(Rendezvous rendezvous) {
    var met = new AtomicBoolean();
    return new Rendezvous() {
      @Override
      public int rank() {
        return rendezvous.rank();
      }

      @Override
      public int worldSize() {
        return rendezvous.worldSize();
      }

      @Override
      public List<String> allGather(String message) {
        var messages = rendezvous.allGather(message);
        return met.getAndSet(true) ? messages : withRelays(messages);
      }
    };
  }

  /** Changes what happens to the datagrams from now on, those of all ranks. */
  public synchronized void become(Impairment next) {
    impairment = next;
    relays.values().forEach(relay -> relay.become(next));
  }

  /** What stands before a rank's port, after the ranks have met. */
  public synchronized UdpRelay relay(int rank) {
    return relays.get(rank);
  }

  /** Where a rank listens, after the ranks have met. */
  public synchronized InetSocketAddress port(int rank) {
    return ports.get(rank);
  }

  /** How many datagrams were lost, of all ranks. */
  public synchronized long lost() {
    return relays.values().stream().mapToLong(UdpRelay::lost).sum();
  }

  /** How many datagrams were sent twice, of all ranks. */
  public synchronized long duplicated() {
    return relays.values().stream().mapToLong(UdpRelay::duplicated).sum();
  }

  /** How many datagrams were overtaken, of all ranks. */
  public synchronized long reordered() {
    return relays.values().stream().mapToLong(UdpRelay::reordered).sum();
  }

  /** How many datagrams passed, of all ranks. */
  public synchronized long forwarded() {
    return relays.values().stream().mapToLong(UdpRelay::forwarded).sum();
  }

  /** A message is the secret, or a word in its place, and an address. */
  private synchronized List<String> withRelays(List<String> messages) {
    List<String> changed = new ArrayList<>();
    for (var message : messages) {
      var space = message.indexOf(' ');
      var address = PeerAddress.decode(message.substring(space + 1));
      changed.add(message.substring(0, space + 1) + atRelay(address).encode());
    }
    return changed;
  }

  private PeerAddress atRelay(PeerAddress address) {
    var target = new InetSocketAddress(address.host(), address.port());
    ports.put(address.rank(), target);
    var relay =
        relays.computeIfAbsent(
            address.rank(), rank -> new UdpRelay(target, impairment, seed + rank));
    return new PeerAddress(
        address.rank(), address.host(), relay.port(), address.process(), address.driver());
  }

  @Override
  public synchronized void close() {
    CloseHelper.closeAll(relays.values());
  }
}
