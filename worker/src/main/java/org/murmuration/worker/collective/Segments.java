package org.murmuration.worker.collective;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.collective.codec.ValueCodec;
import org.murmuration.worker.transport.Link;

/**
 * Values of a vector in frames: how many fit, how they leave, and whether those that come are due.
 */
final class Segments {
  private final ValueCodec codec;

  Segments(ValueCodec codec) {
    this.codec = codec;
  }

  /** How many values a frame of the link carries. */
  int mostIn(Link link) {
    return link.maxPayloadLength() / codec.bytesPerValue();
  }

  /**
   * Sends values, if there is room.
   *
   * @param vector from which they are taken as they are
   */
  boolean trySend(Link link, long operation, UnsafeBuffer vector, int first, int count) {
    return link.trySend(
        operation,
        count * codec.bytesPerValue(),
        (buffer, offset) -> codec.encode(vector, first, count, buffer, offset));
  }

  /**
   * Sends values with what earlier roundings lost of them, if there is room. What is sent is left
   * in the vector, and what that loses in the residual.
   */
  boolean tryRoundAndSend(Link link, long operation, Summand summand, int first, int count) {
    return link.trySend(
        operation,
        count * codec.bytesPerValue(),
        (buffer, offset) -> {
          codec.quantise(summand.vector(), summand.residual().values(), first, count);
          codec.encode(summand.vector(), first, count, buffer, offset);
        });
  }

  /**
   * Takes a frame's values into the vector.
   *
   * @param due how many may come at most
   * @param adds whether they are added to those that are there, or replace them
   * @return how many came
   * @throws CollectiveException when they are none, more than are due, or no whole number
   */
  int take(
      Link link,
      long operation,
      DirectBuffer frame,
      int offset,
      int bytes,
      UnsafeBuffer vector,
      int first,
      int due,
      boolean adds) {
    var count = bytes / codec.bytesPerValue();
    if (count == 0 || bytes % codec.bytesPerValue() != 0 || count > due) {
      throw new CollectiveException(
          ("all-reduce %d: %s sent %d bytes where at most %d were due; do all ranks run the same"
                  + " version with the same network?")
              .formatted(operation, link.peer(), bytes, due * codec.bytesPerValue()));
    }
    if (adds) {
      codec.decodeAdding(frame, offset, vector, first, count);
    } else {
      codec.decode(frame, offset, vector, first, count);
    }
    return count;
  }
}
