package org.murmuration.worker.transport;

import io.aeron.ExclusivePublication;
import io.aeron.Image;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.ControlledFragmentHandler;
import io.aeron.logbuffer.Header;
import io.aeron.protocol.DataHeaderFlyweight;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;

/**
 * A link over two Aeron streams, one each way, by shared memory on one host and by UDP between
 * hosts. A frame fits one datagram, so nothing is reassembled; it is written straight into Aeron's
 * buffer and read straight from there.
 *
 * <p>Aeron's stream is reliable and ordered while both ends live. Over UDP it takes part of a
 * session only that is derived from the attempt's secret, so what anyone else sends makes no stream
 * here at all.
 */
final class AeronLink implements PeerLink {
  /** Frames taken at once: enough to pay for the call, few enough to send in between. */
  private static final int FRAMES_PER_POLL = 8;

  private final PeerAddress peer;
  private final ExclusivePublication publication;
  private final Subscription subscription;
  private final FrameCodec outgoing;
  private final BufferClaim claim = new BufferClaim();
  private final Receiving receiving;

  private Image image;
  private long sent;

  AeronLink(
      PeerAddress peer,
      ExclusivePublication publication,
      Subscription subscription,
      FrameCodec outgoing,
      FrameReceiver incoming) {
    this.peer = peer;
    this.publication = publication;
    this.subscription = subscription;
    this.outgoing = outgoing;
    this.receiving = new Receiving(incoming);
  }

  @Override
  public int maxPayloadLength() {
    return (publication.maxPayloadLength() - FrameCodec.HEADER_LENGTH) & ~3;
  }

  @Override
  public boolean trySend(long operation, int length, FrameWriter writer) {
    var position = publication.tryClaim(FrameCodec.HEADER_LENGTH + length, claim);
    if (position > 0) {
      outgoing.write(claim.buffer(), claim.offset(), length, writer, operation, sent);
      claim.commit();
      sent++;
      return true;
    }
    if (position == Publication.BACK_PRESSURED || position == Publication.ADMIN_ACTION) {
      return false;
    }
    throw new TransportException("the connection to " + peer + " has ended");
  }

  @Override
  public boolean poll(long operation, FrameHandler handler) {
    if (!isReceiving()) {
      throw new TransportException("the connection from " + peer + " has ended");
    }
    return receiving.poll(operation, handler);
  }

  @Override
  public long heardNs() {
    return receiving.receiver.heardNs();
  }

  @Override
  public String peer() {
    return peer.toString();
  }

  /** The largest packet that it sends. */
  int mtuLength() {
    return publication.maxPayloadLength() + DataHeaderFlyweight.HEADER_LENGTH;
  }

  @Override
  public boolean isConnected() {
    return publication.isConnected() && isReceiving();
  }

  /** Whether all that was sent has left this host, or was taken from the shared memory. */
  boolean isFlushed(SenderPositions positions) {
    return positions.of(publication.registrationId()) >= publication.position();
  }

  @Override
  public void close() {
    CloseHelper.closeAll(publication, subscription);
  }

  /** Whether there is a stream from the peer, or something left of it. */
  boolean isReceiving() {
    if (image == null && subscription.imageCount() > 0) {
      image = subscription.imageAtIndex(0);
    }
    return image != null && !image.isClosed();
  }

  /** Takes frames out of the image; Aeron would swallow what the handler throws. */
  private final class Receiving implements ControlledFragmentHandler {
    private final FrameReceiver receiver;
    private RuntimeException failure;

    Receiving(FrameReceiver receiver) {
      this.receiver = receiver;
    }

    boolean poll(long operation, FrameHandler handler) {
      receiver.begin(operation, handler);
      image.controlledPoll(this, FRAMES_PER_POLL);
      if (failure != null) {
        var thrown = failure;
        failure = null;
        throw thrown;
      }
      return receiver.end();
    }

    @Override
    public Action onFragment(DirectBuffer buffer, int offset, int length, Header header) {
      try {
        return receiver.onFrame(buffer, offset, length) ? Action.CONTINUE : Action.BREAK;
      } catch (RuntimeException e) {
        failure = e;
        return Action.BREAK;
      }
    }
  }
}
