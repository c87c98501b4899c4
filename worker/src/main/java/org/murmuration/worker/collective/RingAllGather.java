package org.murmuration.worker.collective;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.transport.RingLink;

/**
 * Every rank's message to every rank: in each of P-1 steps a rank passes on what it received in the
 * step before. For the few words that go with a job, not for vectors: a message is kept whole.
 *
 * <p>On the wire a message is its length (a 4-byte integer) and its bytes, cut into frames.
 */
final class RingAllGather {
  private final RingLink link;
  private final Waiting waiting;
  private final int rank;
  private final int worldSize;
  private final long operation;

  RingAllGather(RingLink link, Waiting waiting, int rank, int worldSize, long operation) {
    this.link = link;
    this.waiting = waiting;
    this.rank = rank;
    this.worldSize = worldSize;
    this.operation = operation;
  }

  List<byte[]> run(byte[] message) {
    List<byte[]> messages = new ArrayList<>(Collections.nCopies(worldSize, new byte[0]));
    messages.set(rank, message);
    for (int step = 0; step < worldSize - 1; step++) {
      var passedOn = messages.get(Math.floorMod(rank - step, worldSize));
      messages.set(Math.floorMod(rank - step - 1, worldSize), exchange(passedOn, step));
    }
    return messages;
  }

  private byte[] exchange(byte[] outgoing, int step) {
    var framed = new UnsafeBuffer(new byte[Integer.BYTES + outgoing.length]);
    framed.putInt(0, outgoing.length);
    framed.putBytes(Integer.BYTES, outgoing);
    var incoming = new Incoming();
    int sent = 0;
    while (sent < framed.capacity() || !incoming.complete()) {
      boolean moved = false;
      if (sent < framed.capacity()) {
        var length = Math.min(link.maxPayloadLength(), framed.capacity() - sent);
        if (link.trySend(operation, framed, sent, length)) {
          sent += length;
          moved = true;
        }
      }
      if (!incoming.complete()) {
        moved |= link.poll(operation, incoming::add);
      }
      waiting.after(
          moved,
          () -> "all-gather %d: step %d of %d".formatted(operation, step + 1, worldSize - 1));
    }
    return incoming.bytes;
  }

  /** A message that arrives in frames, the first of which starts with its length. */
  private final class Incoming {
    private byte[] bytes;
    private int received;

    boolean complete() {
      return bytes != null && received == bytes.length;
    }

    void add(DirectBuffer frame, int offset, int length) {
      int skipped = 0;
      if (bytes == null) {
        bytes = new byte[frame.getInt(offset)];
        skipped = Integer.BYTES;
      }
      var count = length - skipped;
      if (received + count > bytes.length) {
        throw new CollectiveException(
            "all-gather %d: %s sent more bytes than it announced (%d)"
                .formatted(operation, link.previous(), bytes.length));
      }
      frame.getBytes(offset + skipped, bytes, received, count);
      received += count;
    }
  }
}
