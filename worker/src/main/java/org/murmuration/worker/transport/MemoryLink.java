package org.murmuration.worker.transport;

import static org.agrona.concurrent.ringbuffer.RingBuffer.INSUFFICIENT_CAPACITY;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;

/**
 * A link between two ranks of one host over two rings of frames in memory that both processes map,
 * one each way. A frame is written straight into the ring and read straight from there.
 *
 * <p>The rings are Agrona's, as small as a core's own cache, and the two ranks alone move them on.
 * {@code aeron:ipc} would carry the same frames through a log of three terms, which the media
 * driver's thread must clean and whose window it must move: it would have to run beside the ranks
 * on their cores, and the log passes through the cache as often as it is filled.
 */
final class MemoryLink implements PeerLink, ControlledMessageHandler {
  /** Frames taken at once: enough to pay for the call, few enough to send in between. */
  private static final int FRAMES_PER_POLL = 4;

  private static final int FRAME = 1;

  private final PeerAddress peer;
  private final FrameRing outgoing;
  private final Supplier<Optional<FrameRing>> peersRing;
  private final BooleanSupplier peerIsThere;
  private final FrameCodec codec;
  private final FrameReceiver receiver;

  private FrameRing incoming;
  private long sent;

  /**
   * @param outgoing the ring that this rank made
   * @param peersRing the ring that the peer makes, once it has
   * @param peerIsThere whether the peer's process lives and has not left
   */
  MemoryLink(
      PeerAddress peer,
      FrameRing outgoing,
      Supplier<Optional<FrameRing>> peersRing,
      BooleanSupplier peerIsThere,
      FrameCodec codec,
      FrameReceiver receiver) {
    this.peer = peer;
    this.outgoing = outgoing;
    this.peersRing = peersRing;
    this.peerIsThere = peerIsThere;
    this.codec = codec;
    this.receiver = receiver;
  }

  @Override
  public int maxPayloadLength() {
    return FrameRing.MAX_FRAME_LENGTH - FrameCodec.HEADER_LENGTH;
  }

  @Override
  public boolean trySend(long operation, int length, FrameWriter writer) {
    var ring = outgoing.ring();
    var index = ring.tryClaim(FRAME, FrameCodec.HEADER_LENGTH + length);
    if (index == INSUFFICIENT_CAPACITY) {
      if (!peerIsThere.getAsBoolean()) {
        throw new TransportException("the connection to " + peer + " has ended");
      }
      return false;
    }
    codec.write(ring.buffer(), index, length, writer, operation, sent);
    ring.commit(index);
    sent++;
    return true;
  }

  @Override
  public boolean poll(long operation, FrameHandler handler) {
    // Asked first, for who has left may have sent something before.
    var mayCome = peerIsThere.getAsBoolean();
    receiver.begin(operation, handler);
    incoming.ring().controlledRead(this, FRAMES_PER_POLL);
    var came = receiver.end();
    if (!came && !mayCome) {
      throw new TransportException("the connection from " + peer + " has ended");
    }
    return came;
  }

  @Override
  public Action onMessage(int type, MutableDirectBuffer buffer, int index, int length) {
    return receiver.onFrame(buffer, index, length) ? Action.COMMIT : Action.BREAK;
  }

  @Override
  public boolean isConnected() {
    if (incoming == null) {
      peersRing.get().ifPresent(ring -> incoming = ring);
    }
    return incoming != null && peerIsThere.getAsBoolean();
  }

  @Override
  public long heardNs() {
    return receiver.heardNs();
  }

  @Override
  public String peer() {
    return peer.toString();
  }

  @Override
  public void close() {
    outgoing.close();
    if (incoming != null) {
      incoming.close();
    }
  }
}
