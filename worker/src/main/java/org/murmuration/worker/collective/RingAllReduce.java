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
  private final Segments segments;

  RingAllReduce(Transport transport, Group group, ValueCodec codec) {
    this.group = group;
    this.next = transport.link(group.next());
    this.previous = transport.link(group.previous());
    this.waiting = new Waiting(transport);
    this.segments = new Segments(codec);
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
      var segment = Math.min(sendable(), segments.mostIn(next));
      if (segment == 0) {
        return false;
      }
      var first = schedule.chunkStart(schedule.sentChunk(sent.step)) + sent.offset;
      var rounds = sent.step <= schedule.lastAddingStep() + 1;
      var left =
          rounds
              ? segments.tryRoundAndSend(next, operation, summand, first, segment)
              : segments.trySend(next, operation, summand.vector(), first, segment);
      if (left) {
        sent.advance(segment, true);
      }
      return left;
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
      var chunk = schedule.receivedChunk(received.step);
      var count =
          segments.take(
              previous,
              operation,
              frame,
              offset,
              length,
              summand.vector(),
              schedule.chunkStart(chunk) + received.offset,
              schedule.chunkLength(chunk) - received.offset,
              schedule.adds(received.step));
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
