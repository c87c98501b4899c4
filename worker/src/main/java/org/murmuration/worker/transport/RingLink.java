package org.murmuration.worker.transport;

import org.agrona.DirectBuffer;

/**
 * A rank's two connections in a ring: frames go to the next rank and come from the previous one, in
 * order, each once, none altered. Used by one thread.
 */
public interface RingLink extends AutoCloseable {

  /** Receives the payload of one frame; the buffer is valid during the call only. */
  @FunctionalInterface
  interface FrameHandler {
    void onFrame(DirectBuffer buffer, int offset, int length);
  }

  /** The largest payload of a frame in bytes, a multiple of 4. */
  int maxPayloadLength();

  /**
   * Sends one frame to the next rank.
   *
   * @param operation the number of the collective operation that the frame belongs to
   * @return false under back pressure: try again after polling
   * @throws TransportException when the next rank is gone
   */
  boolean trySend(long operation, DirectBuffer payload, int offset, int length);

  /**
   * Hands at most one frame of the previous rank to the handler.
   *
   * @param operation the operation that is under way; a frame of another one is dropped and counted
   * @return whether there was one
   * @throws TransportException when the previous rank is gone
   */
  boolean poll(long operation, FrameHandler handler);

  /** Frames that were not of this job, attempt, sender or place in the sequence. */
  long droppedFrames();

  /** The next rank, for messages: its number, host and port. */
  String next();

  /** The previous rank, for messages: its number, host and port. */
  String previous();

  @Override
  void close();
}
