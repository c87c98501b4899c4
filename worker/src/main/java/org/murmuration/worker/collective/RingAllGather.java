package org.murmuration.worker.collective;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.transport.Link;
import org.murmuration.worker.transport.Transport;

/**
 * Every rank's message to every rank: in each of P-1 steps a rank passes on what it received in the
 * step before. For the few words that go with a job, not for vectors: a message is kept whole.
 *
 * <p>On the wire a message is its length (a 4-byte integer) and its bytes, cut into frames.
 */
final class RingAllGather {
  private final Group group;
  private final Link next;
  private final Link previous;
  private final Waiting waiting;

  RingAllGather(Transport transport, Group group) {
    this.group = group;
    this.next = transport.link(group.next());
    this.previous = transport.link(group.previous());
    this.waiting = new Waiting(transport);
  }

  /** The messages of all members in the group's order. */
  List<byte[]> run(byte[] message, long operation) {
    var size = group.size();
    var place = group.position();
    List<byte[]> messages = new ArrayList<>(Collections.nCopies(size, new byte[0]));
    messages.set(place, message);
    for (int step = 0; step < size - 1; step++) {
      var passedOn = messages.get(Math.floorMod(place - step, size));
      messages.set(Math.floorMod(place - step - 1, size), exchange(passedOn, step, operation));
    }
    return messages;
  }

  private byte[] exchange(byte[] outgoing, int step, long operation) {
    waiting.begin();
    var framed = new UnsafeBuffer(new byte[Integer.BYTES + outgoing.length]);
    framed.putInt(0, outgoing.length);
    framed.putBytes(Integer.BYTES, outgoing);
    var incoming = new Incoming(operation);
    int sent = 0;
    while (sent < framed.capacity() || !incoming.complete()) {
      boolean moved = false;
      if (sent < framed.capacity()) {
        var length = Math.min(next.maxPayloadLength(), framed.capacity() - sent);
        var from = sent;
        if (next.trySend(
            operation, length, (buffer, offset) -> buffer.putBytes(offset, framed, from, length))) {
          sent += length;
          moved = true;
        }
      }
      if (!incoming.complete()) {
        moved |= previous.poll(operation, incoming::add);
      }
      waiting.after(
          moved,
          group.previous(),
          () -> "all-gather %d: step %d of %d".formatted(operation, step + 1, group.size() - 1));
    }
    return incoming.bytes;
  }

  /** A message that arrives in frames, the first of which starts with its length. */
  private final class Incoming {
    private final long operation;
    private byte[] bytes;
    private int received;

    Incoming(long operation) {
      this.operation = operation;
    }

    boolean complete() {
      return bytes != null && received == bytes.length;
    }

    boolean add(DirectBuffer frame, int offset, int length) {
      int skipped = 0;
      if (bytes == null) {
        bytes = new byte[frame.getInt(offset)];
        skipped = Integer.BYTES;
      }
      var count = length - skipped;
      if (received + count > bytes.length) {
        throw new CollectiveException(
            "all-gather %d: %s sent more bytes than it announced (%d)"
                .formatted(operation, previous.peer(), bytes.length));
      }
      frame.getBytes(offset + skipped, bytes, received, count);
      received += count;
      return !complete();
    }
  }
}
