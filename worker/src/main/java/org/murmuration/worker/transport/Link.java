package org.murmuration.worker.transport;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A rank's connection with one peer: frames go both ways, in order, each once, none altered. Used
 * by one thread at a time.
 */
public interface Link {

  /** Writes the payload of a frame at its place, without a copy in between. */
  @FunctionalInterface
  interface FrameWriter {
    void write(MutableDirectBuffer buffer, int offset);
  }

  /** Receives the payload of a frame; the buffer is valid during the call only. */
  @FunctionalInterface
  interface FrameHandler {
    /** Takes the frame and says whether another one may follow in this operation. */
    boolean onFrame(DirectBuffer buffer, int offset, int length);
  }

  /** The largest payload of a frame in bytes, a multiple of 4. */
  int maxPayloadLength();

  /**
   * Sends one frame.
   *
   * @param operation the number of the collective operation that the frame belongs to
   * @param length the payload's length in bytes
   * @param writer called once, and only if there is room
   * @return false under back pressure: try again after polling
   * @throws TransportException when the peer is gone
   */
  boolean trySend(long operation, int length, FrameWriter writer);

  /**
   * Hands frames that have arrived to the handler, as long as it wants more.
   *
   * @param operation the operation that is under way; a frame of another one is dropped and counted
   * @return whether there was one
   * @throws TransportException when the peer is gone
   */
  boolean poll(long operation, FrameHandler handler);

  /** The peer, for messages: its rank, host and port. */
  String peer();
}
