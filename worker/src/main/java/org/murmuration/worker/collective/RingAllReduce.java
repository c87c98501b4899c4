package org.murmuration.worker.collective;

import org.agrona.DirectBuffer;
import org.murmuration.worker.collective.codec.ValueCodec;
import org.murmuration.worker.transport.Link;
import org.murmuration.worker.transport.Transport;

/**
 * Sum of a vector over the members of a group, around a ring, in place (Patarasuk and Yuan 2009).
 *
 * <p>Vocabulary: a <i>chunk</i> is one of P nearly equal parts of the vector (see {@link
 * RingSchedule}); a <i>segment</i> is the part of a chunk that travels in one frame. The 2(P-1)
 * steps are not waited for one by one: two cursors run through them, one for what was sent and one
 * for what was received, and a segment may leave as soon as the same segment has arrived in the
 * step before. So all links are busy at once, whatever P is.
 *
 * <p>Why overwriting in place is safe: a chunk is received again (in the all-gather) only after its
 * sum has been around the ring, and that needs the part of it that this rank sent first.
 *
 * <p>On a lossy wire each rank rounds each value once: the partial sum that it passes on in the
 * reduce-scatter, or the full sum of the one chunk that it ends with. What it loses there goes to
 * its residual and into the next sum, so nothing is lost for good, and what is passed on in the
 * all-gather is passed on as it came.
 */
final class RingAllReduce implements AllReduce {
  private final Group group;
  private final Link next;
  private final Link previous;
  private final Waiting waiting;
  private final ValueCodec codec;

  RingAllReduce(Transport transport, Group group, ValueCodec codec) {
    this.group = group;
    this.next = transport.link(group.next());
    this.previous = transport.link(group.previous());
    this.waiting = new Waiting(transport);
    this.codec = codec;
  }

  @Override
  public void run(Summand summand, long operation) {
    new Run(summand, operation).run();
  }

  /** One operation. */
  private final class Run {
    private final Summand summand;
    private final long operation;
    private final RingSchedule schedule;
    private final Cursor sent = new Cursor();
    private final Cursor received = new Cursor();

    Run(Summand summand, long operation) {
      this.summand = summand;
      this.operation = operation;
      this.schedule = new RingSchedule(group.position(), group.size(), summand.length());
    }

    void run() {
      waiting.begin();
      sent.skipEmptyChunks(true);
      received.skipEmptyChunks(false);
      while (!sent.done() || !received.done()) {
        boolean moved = false;
        while (sendSegment()) {
          moved = true;
        }
        if (!received.done()) {
          moved |= previous.poll(operation, this::receiveSegment);
        }
        waiting.after(moved, group.previous(), this::progress);
      }
    }

    private boolean sendSegment() {
      var segment = Math.min(sendable(), next.maxPayloadLength() / codec.bytesPerValue());
      if (segment == 0) {
        return false;
      }
      var first = schedule.chunkStart(schedule.sentChunk(sent.step)) + sent.offset;
      var rounds = sent.step <= schedule.lastAddingStep() + 1;
      if (!next.trySend(
          operation,
          segment * codec.bytesPerValue(),
          (buffer, offset) -> {
            if (rounds) {
              codec.quantise(summand.vector(), summand.residual().values(), first, segment);
            }
            codec.encode(summand.vector(), first, segment, buffer, offset);
          })) {
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

    private boolean receiveSegment(DirectBuffer frame, int offset, int length) {
      var count = length / codec.bytesPerValue();
      var chunk = schedule.receivedChunk(received.step);
      var left = schedule.chunkLength(chunk) - received.offset;
      if (count == 0 || length % codec.bytesPerValue() != 0 || count > left) {
        throw new CollectiveException(
            ("all-reduce %d: %s sent a segment of %d bytes where at most %d were due;"
                    + " do all ranks run the same version with the same network?")
                .formatted(operation, previous.peer(), length, left * codec.bytesPerValue()));
      }
      var first = schedule.chunkStart(chunk) + received.offset;
      if (schedule.adds(received.step)) {
        codec.decodeAdding(frame, offset, summand.vector(), first, count);
      } else {
        codec.decode(frame, offset, summand.vector(), first, count);
      }
      received.advance(count, false);
      return !received.done();
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
}
