package org.murmuration.worker.transport;

import io.aeron.Aeron;
import io.aeron.ChannelUriStringBuilder;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.logbuffer.BufferClaim;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * A ring over Aeron UDP unicast: one publication to the next rank, one subscription for the
 * previous one. A frame fits one datagram, so nothing is reassembled.
 *
 * <p>Aeron's stream is reliable and ordered while both ends live. What arrives from anyone else is
 * a different stream on the same port: it fails the frame's check and is counted.
 */
public final class AeronRingLink implements RingLink {
  private static final int STREAM_ID = 1001;
  private static final double MS_PER_SECOND = 1e3;

  private final int rank;
  private final PeerAddress next;
  private final PeerAddress previous;
  private final EmbeddedDriver driver;
  private final Aeron aeron;
  private final Subscription subscription;
  private final ExclusivePublication publication;
  private final FrameCodec codec;
  private final Duration signOfLifeTimeout;
  private final BufferClaim claim = new BufferClaim();

  private long sent;
  private long received;
  private long dropped;

  private AeronRingLink(
      int rank,
      List<PeerAddress> ring,
      EmbeddedDriver driver,
      Aeron aeron,
      Subscription subscription,
      ExclusivePublication publication,
      FrameCodec codec,
      Duration signOfLifeTimeout) {
    this.rank = rank;
    this.next = ring.get((rank + 1) % ring.size());
    this.previous = ring.get((rank + ring.size() - 1) % ring.size());
    this.driver = driver;
    this.aeron = aeron;
    this.subscription = subscription;
    this.publication = publication;
    this.codec = codec;
    this.signOfLifeTimeout = signOfLifeTimeout;
  }

  /**
   * Starts this rank's media driver, tells the others where it listens and connects to both
   * neighbours. All ranks must call it.
   *
   * @param host the name or address under which the other ranks reach this one
   * @param job the job's identity; rank 0's secret is the one that counts
   * @throws TransportException when a neighbour cannot be reached within the peer timeout
   */
  public static AeronRingLink connect(
      Rendezvous rendezvous, TransportSettings settings, String host, JobIdentity job) {
    var address = resolve(host);
    EmbeddedDriver driver = null;
    Aeron aeron = null;
    try {
      driver = EmbeddedDriver.launch(settings, address);
      aeron =
          Aeron.connect(
              new Aeron.Context()
                  .aeronDirectoryName(driver.directory())
                  .driverTimeoutMs(settings.standstillTimeout().toMillis()));
      var listen =
          new ChannelUriStringBuilder()
              .media("udp")
              .endpoint(new PeerAddress(rendezvous.rank(), address.getHostAddress(), 0).endpoint())
              .build();
      var subscription = aeron.addSubscription(listen, STREAM_ID);
      var self =
          new PeerAddress(
              rendezvous.rank(), address.getHostAddress(), boundPort(subscription, settings));

      var ring = rendezvous.allGather(self.encode()).stream().map(PeerAddress::decode).toList();
      var secret = rendezvous.allGather(rendezvous.rank() == 0 ? job.secret() : "").get(0);

      var next = ring.get((self.rank() + 1) % ring.size());
      var publication =
          aeron.addExclusivePublication(
              new ChannelUriStringBuilder().media("udp").endpoint(next.endpoint()).build(),
              STREAM_ID);
      var link =
          new AeronRingLink(
              self.rank(),
              ring,
              driver,
              aeron,
              subscription,
              publication,
              new FrameCodec(job.withSecret(secret)),
              settings.signOfLifeTimeout());
      link.awaitNeighbours(settings);
      return link;
    } catch (RuntimeException e) {
      CloseHelper.closeAll(aeron, driver);
      throw e;
    }
  }

  @Override
  public int maxPayloadLength() {
    return (publication.maxPayloadLength() - FrameCodec.HEADER_LENGTH) & ~3;
  }

  @Override
  public boolean trySend(long operation, DirectBuffer payload, int offset, int length) {
    var position = publication.tryClaim(FrameCodec.HEADER_LENGTH + length, claim);
    if (position > 0) {
      var frame = claim.buffer();
      frame.putBytes(claim.offset() + FrameCodec.HEADER_LENGTH, payload, offset, length);
      codec.writeHeader(frame, claim.offset(), length, rank, operation, sent);
      claim.commit();
      sent++;
      return true;
    }
    if (position == Publication.BACK_PRESSURED || position == Publication.ADMIN_ACTION) {
      return false;
    }
    throw lost(next);
  }

  @Override
  public boolean poll(long operation, FrameHandler handler) {
    var before = received;
    subscription.poll(
        (buffer, offset, length, header) -> {
          if (codec.accepts(buffer, offset, length, previous.rank(), operation, received)) {
            received++;
            handler.onFrame(
                buffer, offset + FrameCodec.HEADER_LENGTH, length - FrameCodec.HEADER_LENGTH);
          } else {
            dropped++;
          }
        },
        1);
    if (received > before) {
      return true;
    }
    if (subscription.hasNoImages()) {
      throw lost(previous);
    }
    return false;
  }

  @Override
  public long droppedFrames() {
    return dropped;
  }

  @Override
  public String next() {
    return next.toString();
  }

  @Override
  public String previous() {
    return previous.toString();
  }

  @Override
  public void close() {
    CloseHelper.closeAll(publication, subscription, aeron, driver);
  }

  private TransportException lost(PeerAddress peer) {
    return new TransportException(
        ("rank %d lost %s: it closed the connection, or gave no sign of life for %.1f s, half of"
                + " averaging.peer-timeout; see that executor's log, and raise the setting if its"
                + " process only stood still")
            .formatted(rank, peer, signOfLifeTimeout.toMillis() / MS_PER_SECOND));
  }

  private void awaitNeighbours(TransportSettings settings) {
    await(
        () -> publication.isConnected() && subscription.isConnected(),
        settings,
        () ->
            "rank "
                + rank
                + " could not connect within "
                + settings.peerTimeout().toSeconds()
                + " s:"
                + (publication.isConnected() ? "" : " no answer from " + next + ";")
                + (subscription.isConnected() ? "" : " nothing came from " + previous + ";")
                + " are UDP packets between these hosts allowed? Raise averaging.peer-timeout if"
                + " they are only slow");
  }

  private static int boundPort(Subscription subscription, TransportSettings settings) {
    await(
        () -> !subscription.localSocketAddresses().isEmpty(),
        settings,
        () -> "no UDP port could be opened within " + settings.peerTimeout().toSeconds() + " s");
    var bound = subscription.localSocketAddresses().get(0);
    return Integer.parseInt(bound.substring(bound.lastIndexOf(':') + 1));
  }

  private static void await(
      BooleanSupplier condition, TransportSettings settings, Supplier<String> failure) {
    IdleStrategy idle = new BackoffIdleStrategy(10, 20, 1_000, TimeUnit.MILLISECONDS.toNanos(1));
    var deadline = System.nanoTime() + settings.peerTimeout().toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new TransportException(failure.get());
      }
      idle.idle();
    }
  }

  private static InetAddress resolve(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new TransportException(
          "the executor's own host name '"
              + host
              + "' does not resolve; set SPARK_LOCAL_IP or spark.executor bind address to one that peers reach",
          e);
    }
  }
}
