package org.murmuration.worker.transport;

import io.aeron.Aeron;
import io.aeron.ChannelUriStringBuilder;
import io.aeron.CommonContext;
import io.aeron.Subscription;
import io.aeron.exceptions.RegistrationException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.agrona.CloseHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Links between ranks: over Aeron's UDP unicast between hosts, and through shared memory between
 * ranks of one host, which share a media driver. Signs of life go over Aeron everywhere ({@code
 * aeron:ipc} within a host), so one mechanism tells who is gone.
 */
public final class AeronTransport implements Transport {
  private static final Logger LOG = LoggerFactory.getLogger(AeronTransport.class);

  /** The same for all ranks of this process, and for no other process. */
  private static final String PROCESS = UUID.randomUUID().toString();

  private static final int FIRST_STREAM = 1000;
  private static final String DATA = "data";
  private static final String CONTROL = "control";
  private static final int CONTROL_TERM_LENGTH = 64 * 1024;
  private static final int CONTROL_MTU = 1408;
  private static final long CLIENT_IDLE_MILLIS = 50;

  private final Rendezvous rendezvous;
  private final TransportSettings settings;
  private final List<AutoCloseable> resources = new ArrayList<>();
  private final Rejections rejections = new Rejections();
  private final Map<Integer, PeerLink> links = new TreeMap<>();
  private final int rank;
  private SharedDriver driver;
  private Aeron aeron;
  private Topology topology;
  private JobIdentity job;
  private Heartbeats heartbeats;
  private boolean closed;
  private long droppedInAll;

  private AeronTransport(Rendezvous rendezvous, TransportSettings settings) {
    this.rendezvous = rendezvous;
    this.settings = settings;
    this.rank = rendezvous.rank();
  }

  /**
   * Finds or starts this host's media driver, tells the others where this rank is and connects it
   * to its peers. All ranks must call it.
   *
   * @param host where this rank runs
   * @param identity the job's identity; rank 0's secret is the one that counts
   * @param peers which ranks a rank needs links with; if a needs b then b needs a
   * @throws UnreachablePeerException when a peer cannot be reached
   * @throws TransportException when there is no port, no address or no media driver
   */
  public static AeronTransport connect(
      Rendezvous rendezvous,
      TransportSettings settings,
      Host host,
      JobIdentity identity,
      BiFunction<Topology, Integer, Set<Integer>> peers) {
    var transport = new AeronTransport(rendezvous, settings);
    try {
      transport.start(host, identity, peers);
      return transport;
    } catch (RuntimeException e) {
      transport.close();
      throw e;
    }
  }

  /**
   * Where a rank runs.
   *
   * @param name the name or address under which the other ranks reach it
   * @param localDirectory a folder for temporary files
   */
  public record Host(String name, Path localDirectory) {}

  private void start(
      Host host, JobIdentity identity, BiFunction<Topology, Integer, Set<Integer>> peers) {
    var address = NetworkAddress.of(settings.networkInterface(), host.name());
    driver = SharedDriver.join(settings, address, host.localDirectory(), identity, rank);
    aeron =
        Aeron.connect(
            new Aeron.Context()
                .aeronDirectoryName(driver.aeronDirectory())
                .epochClock(new HostClock())
                // Its thread takes a core from one that computes whenever it looks for news.
                .idleSleepDurationNs(TimeUnit.MILLISECONDS.toNanos(CLIENT_IDLE_MILLIS))
                .errorHandler(e -> LOG.warn("Aeron client of rank {}: {}", rank, e.toString()))
                .driverTimeoutMs(settings.standstillTimeout().toMillis()));
    meet(address, identity);
    var wanted = peers.apply(topology, rank);
    Map<Integer, AeronLink> control = new TreeMap<>();
    for (int peer : wanted) {
      if (topology.sameHost(rank, peer)) {
        control.put(peer, aeronLink(peer, CONTROL, smallChannel(CONTROL_MTU)));
        links.put(peer, memoryLink(peer, control.get(peer)));
      } else {
        var data = aeronLink(peer, DATA, new ChannelUriStringBuilder());
        control.put(peer, aeronLink(peer, CONTROL, smallChannel(data.mtuLength())));
        links.put(peer, data);
      }
    }
    awaitPeers(control);
    if (topology.hosts().size() == 1) {
      driver.withoutNetwork();
    }
    heartbeats =
        new Heartbeats(
            rank,
            control,
            links,
            settings.signOfLifeTimeout(),
            this::driverFailure,
            new SenderPositions(aeron.countersReader()),
            rejections);
  }

  private Optional<String> driverFailure() {
    return driver.isActive(settings.signOfLifeTimeout())
        ? Optional.empty()
        : Optional.of(
            "%s has died or stands still, and with it the media driver in its process, which rank %d shares; see that executor's log"
                .formatted(topology.ranks().get(driver.ownerRank()), rank));
  }

  /** Opens this rank's port and exchanges addresses, with rank 0's secret. */
  private void meet(InetAddress address, JobIdentity identity) {
    var listen =
        new ChannelUriStringBuilder()
            .media(CommonContext.UDP_MEDIA)
            .endpoint(new PeerAddress(rank, address.getHostAddress(), 0, "", "").endpoint())
            .tags(tag())
            // No peer sends under this number: the stream only keeps the port.
            .sessionId(session(identity, "port", rank, rank))
            .build();
    var port = openPort(listen);
    resources.add(port);
    await(
        () -> !port.localSocketAddresses().isEmpty(),
        () -> "no UDP port could be opened within " + settings.peerTimeout().toSeconds() + " s");
    var bound = port.localSocketAddresses().get(0);
    var self =
        new PeerAddress(
            rank,
            address.getHostAddress(),
            Integer.parseInt(bound.substring(bound.lastIndexOf(':') + 1)),
            PROCESS,
            driver.id());
    var secret = rank == 0 ? identity.secret() : "-";
    var all = rendezvous.allGather(secret + " " + self.encode());
    job = identity.withSecret(all.get(0).substring(0, all.get(0).indexOf(' ')));
    topology =
        new Topology(
            all.stream()
                .map(text -> PeerAddress.decode(text.substring(text.indexOf(' ') + 1)))
                .toList());
  }

  /** The driver takes the next port of the range; another job may have it already. */
  private Subscription openPort(String listen) {
    var tries = settings.ports().isAny() ? 1 : settings.ports().size();
    RegistrationException refusal = null;
    for (int i = 0; i < tries; i++) {
      try {
        return aeron.addSubscription(listen, FIRST_STREAM);
      } catch (RegistrationException e) {
        refusal = e;
      }
    }
    throw new TransportException(
        "rank %d found no free UDP port in averaging.ports = %s: %s; give each rank of a host one, for all jobs that run there"
            .formatted(rank, settings.ports(), refusal.getMessage()),
        refusal);
  }

  /** For few and short messages, in packets no longer than this. */
  private static ChannelUriStringBuilder smallChannel(int mtu) {
    return new ChannelUriStringBuilder()
        .termLength(CONTROL_TERM_LENGTH)
        .mtu(Math.min(CONTROL_MTU, mtu));
  }

  private AeronLink aeronLink(int peer, String purpose, ChannelUriStringBuilder publication) {
    var to = topology.ranks().get(peer);
    var subscription = new ChannelUriStringBuilder();
    if (topology.sameHost(rank, peer)) {
      publication.media(CommonContext.IPC_MEDIA);
      subscription.media(CommonContext.IPC_MEDIA);
    } else {
      publication.media(CommonContext.UDP_MEDIA).endpoint(to.endpoint());
      subscription.media(CommonContext.UDP_MEDIA).tags(tag());
    }
    publication.sessionId(session(job, purpose, rank, peer));
    subscription.sessionId(session(job, purpose, peer, rank));
    var link =
        new AeronLink(
            to,
            aeron.addExclusivePublication(publication.build(), stream(purpose, rank, peer)),
            aeron.addSubscription(subscription.build(), stream(purpose, peer, rank)),
            outgoing(purpose, peer),
            incoming(purpose, peer));
    resources.add(link);
    return link;
  }

  private MemoryLink memoryLink(int peer, AeronLink control) {
    var link =
        new MemoryLink(
            topology.ranks().get(peer),
            FrameRing.make(driver.ring(rank, peer)),
            () -> FrameRing.find(driver.ring(peer, rank)),
            control::isConnected,
            outgoing(DATA, peer),
            incoming(DATA, peer));
    resources.add(link);
    return link;
  }

  private FrameCodec outgoing(String purpose, int peer) {
    return new FrameCodec(job, rank, seal(purpose, rank, peer));
  }

  private FrameReceiver incoming(String purpose, int peer) {
    return new FrameReceiver(new FrameCodec(job, peer, seal(purpose, peer, rank)), rejections);
  }

  /** What stays in this host's memory, in a folder that only this user enters, needs no seal. */
  private Optional<FrameSeal> seal(String purpose, int from, int to) {
    return topology.sameHost(from, to) || settings.security() == Security.NONE
        ? Optional.empty()
        : Optional.of(
            new FrameSeal(
                job.key("seal " + purpose, from, to), settings.security() == Security.ENCRYPT));
  }

  private int stream(String purpose, int from, int to) {
    var pair = from * rendezvous.worldSize() + to;
    return FIRST_STREAM + 1 + 2 * pair + (purpose.equals(CONTROL) ? 1 : 0);
  }

  /** Only who knows the secret knows the number, so nobody else's packets make a stream here. */
  private static int session(JobIdentity job, String purpose, int from, int to) {
    return ByteBuffer.wrap(job.key("session " + purpose, from, to)).getInt();
  }

  private String tag() {
    return Integer.toString(rank + 1);
  }

  private void awaitPeers(Map<Integer, AeronLink> control) {
    var connected =
        Patience.await(
            () ->
                links.values().stream().allMatch(PeerLink::isConnected)
                    && control.values().stream().allMatch(AeronLink::isConnected),
            settings.connectTimeout());
    if (!connected) {
      throw new UnreachablePeerException(unreachable(control));
    }
  }

  private String unreachable(Map<Integer, AeronLink> control) {
    var peers =
        links.keySet().stream()
            .filter(peer -> !links.get(peer).isConnected() || !control.get(peer).isConnected())
            .map(topology.ranks()::get)
            .toList();
    return "%s could not connect within %d s to %s: UDP packets between them are lost. If a firewall drops them, let %s; if these are addresses of the wrong network, name the right one with averaging.interface; this machine has %s"
        .formatted(
            topology.ranks().get(rank),
            settings.connectTimeout().toSeconds(),
            peers,
            settings.ports().isAny()
                ? "UDP pass at any port, or at those that you set averaging.ports to"
                : "UDP ports " + settings.ports() + " (averaging.ports) pass",
            LocalInterface.all().stream()
                .map(LocalInterface::toString)
                .collect(Collectors.joining("; ")));
  }

  private void await(BooleanSupplier condition, Supplier<String> failure) {
    if (!Patience.await(condition, settings.peerTimeout())) {
      throw new TransportException(failure.get());
    }
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int worldSize() {
    return rendezvous.worldSize();
  }

  @Override
  public Topology topology() {
    return topology;
  }

  @Override
  public Link link(int peer) {
    var link = links.get(peer);
    if (link == null) {
      throw new IllegalArgumentException("rank " + rank + " has no link with rank " + peer);
    }
    return link;
  }

  @Override
  public Duration peerTimeout() {
    return settings.peerTimeout();
  }

  @Override
  public void announce(String activity, long step) {
    heartbeats.announce(activity, step);
  }

  @Override
  public void requireHealthy() {
    heartbeats.requireHealthy();
  }

  @Override
  public Optional<String> verdict() {
    return heartbeats.verdict();
  }

  @Override
  public String condition(int peer) {
    return heartbeats.condition(peer);
  }

  @Override
  public void abort(String reason) {
    heartbeats.abort(reason);
  }

  @Override
  public synchronized long droppedFrames() {
    return closed ? droppedInAll : rejections.total() + driver.ignoredDatagrams();
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    droppedInAll = driver == null ? 0 : droppedFrames();
    closed = true;
    if (rejections.total() > 0) {
      LOG.warn("rank {} dropped frames: {}", rank, rejections);
    }
    CloseHelper.close(heartbeats);
    CloseHelper.closeAll(resources);
    CloseHelper.closeAll(aeron, driver);
  }
}
