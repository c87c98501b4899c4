package org.murmuration.worker.collective;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.transport.RingLink;

/**
 * Sum of a vector over all ranks, around a ring, in place.
 *
 * <p>Vocabulary: a <i>chunk</i> is one of P nearly equal parts of the vector (see {@link
 * RingSchedule}); a <i>segment</i> is the part of a chunk that travels in one frame. The 2(P-1)
 * steps are not waited for one by one: two cursors run through them, one for what was sent and one
 * for what was received, and a segment may leave as soon as the same segment has arrived in the
 * step before. So all links are busy at once, whatever P is.
 *
 * <p>Why overwriting in place is safe: a chunk is received again (in the all-gather) only after its
 * sum has been around the ring, and that needs the part of it that this rank sent first.
 */
final class RingAllReduce {

  private final RingLink link;
  private final Waiting waiting;
  private final RingSchedule schedule;
  private final UnsafeBuffer vector;
  private final long operation;
  private final Cursor sent = new Cursor();
  private final Cursor received = new Cursor();

  RingAllReduce(
      RingLink link, Waiting waiting, RingSchedule schedule, UnsafeBuffer vector, long operation) {
    this.link = link;
    this.waiting = waiting;
    this.schedule = schedule;
    this.vector = vector;
    this.operation = operation;
  }

  void run() {
    sent.skipEmptyChunks(true);
    received.skipEmptyChunks(false);
    while (!sent.done() || !received.done()) {
      boolean moved = false;
      while (sendSegment()) {
        moved = true;
      }
      if (!received.done()) {
        moved |= link.poll(operation, this::receiveSegment);
      }
      waiting.after(moved, this::progress);
    }
  }

  private boolean sendSegment() {
    var segment = Math.min(sendable(), link.maxPayloadLength() / Float.BYTES);
    if (segment == 0) {
      return false;
    }
    var start = schedule.chunkStart(schedule.sentChunk(sent.step)) + sent.offset;
    if (!link.trySend(operation, vector, start * Float.BYTES, segment * Float.BYTES)) {
      return false;
    }
    sent.advance(segment, true);
    return true;
  }

  /** How many elements of the current chunk may leave now. */
  private int sendable() {
    if (sent.done()) {
      return 0;
    }
    var chunkLength = schedule.chunkLength(schedule.sentChunk(sent.step));
    if (sent.step == 0 || received.step > sent.step - 1) {
      return chunkLength - sent.offset;
    }
    return received.step == sent.step - 1 ? received.offset - sent.offset : 0;
  }

  private void receiveSegment(DirectBuffer frame, int offset, int length) {
    var count = length / Float.BYTES;
    var chunk = schedule.receivedChunk(received.step);
    var left = schedule.chunkLength(chunk) - received.offset;
    if (count == 0 || length % Float.BYTES != 0 || count > left) {
      throw new CollectiveException(
          ("all-reduce %d: %s sent a segment of %d bytes where at most %d were due;"
                  + " do all ranks run the same version with the same network?")
              .formatted(operation, link.previous(), length, left * Float.BYTES));
    }
    var start = (schedule.chunkStart(chunk) + received.offset) * Float.BYTES;
    if (schedule.adds(received.step)) {
      for (int i = 0; i < length; i += Float.BYTES) {
        vector.putFloat(start + i, vector.getFloat(start + i) + frame.getFloat(offset + i));
      }
    } else {
      vector.putBytes(start, frame, offset, length);
    }
    received.advance(count, false);
  }

  private String progress() {
    return "all-reduce %d of %d values: sent %d and received %d of %d steps"
        .formatted(operation, schedule.length(), sent.step, received.step, schedule.steps());
  }

  /** A place in the stream of steps: so many elements of this step's chunk are through. */
  private final class Cursor {
    private int step;
    private int offset;

    boolean done() {
      return step >= schedule.steps();
    }

    void advance(int elements, boolean sending) {
      offset += elements;
      if (offset == chunkLength(sending)) {
        step++;
        offset = 0;
        skipEmptyChunks(sending);
      }
    }

    /** With fewer elements than ranks some chunks are empty and no frame carries them. */
    void skipEmptyChunks(boolean sending) {
      while (!done() && chunkLength(sending) == 0) {
        step++;
      }
    }

    private int chunkLength(boolean sending) {
      return schedule.chunkLength(
          sending ? schedule.sentChunk(step) : schedule.receivedChunk(step));
    }
  }
}
