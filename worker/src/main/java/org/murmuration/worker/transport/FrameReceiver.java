package org.murmuration.worker.transport;

import org.agrona.DirectBuffer;
import org.murmuration.worker.transport.Link.FrameHandler;

/**
 * What happens to the frames of one direction when they arrive, whatever carried them: each is
 * checked, and dropped and counted or handed on. Used by one thread at a time.
 */
final class FrameReceiver {
  private final FrameCodec codec;
  private final Rejections rejections;
  private long operation;
  private FrameHandler handler;
  private long received;
  private int taken;

  /** Read by other threads: when the peer was last heard here. */
  private volatile long heardNs = System.nanoTime();

  FrameReceiver(FrameCodec codec, Rejections rejections) {
    this.codec = codec;
    this.rejections = rejections;
  }

  /** Begins a poll: frames of this operation go to the handler. */
  void begin(long operation, FrameHandler handler) {
    this.operation = operation;
    this.handler = handler;
    taken = 0;
  }

  /** Takes one frame and says whether another one may follow. */
  boolean onFrame(DirectBuffer buffer, int offset, int length) {
    var refusal = codec.refusal(buffer, offset, length, operation, received);
    if (refusal.isPresent()) {
      rejections.count(refusal.get());
      return true;
    }
    received++;
    taken++;
    var payloadLength = length - FrameCodec.HEADER_LENGTH;
    var opened = codec.payload();
    return opened.isPresent()
        ? handler.onFrame(opened.get(), 0, payloadLength)
        : handler.onFrame(buffer, offset + FrameCodec.HEADER_LENGTH, payloadLength);
  }

  /** Ends the poll and says whether frames were handed on. */
  boolean end() {
    if (taken == 0) {
      return false;
    }
    heardNs = System.nanoTime();
    return true;
  }

  /** When a frame last came, as {@link System#nanoTime()} counts. To be asked by any thread. */
  long heardNs() {
    return heardNs;
  }
}
