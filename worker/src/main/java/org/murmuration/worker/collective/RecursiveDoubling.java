package org.murmuration.worker.collective;

import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.collective.codec.ValueCodec;
import org.murmuration.worker.transport.Link;
import org.murmuration.worker.transport.Transport;

/**
 * Sum of a small vector over the members of a group in about log2(P) exchanges of the whole vector
 * (Thakur, Rabenseifner and Gropp 2005): in exchange k a member trades its partial sum with the one
 * whose place differs in bit k. Few messages, more bytes than a ring: for vectors whose time is
 * latency.
 *
 * <p>With P no power of two, the members from the largest power of two on first give their vectors
 * to one of the others each, and get the sum back in the end.
 *
 * <p>Both partners add the same two partial sums, and a + b = b + a in IEEE 754, so all members get
 * the same bits. Values travel exactly.
 */
final class RecursiveDoubling implements AllReduce {
  private final Transport transport;
  private final Group group;
  private final Waiting waiting;
  private final Segments segments;

  /** What is sent stands still while what is received is added. */
  private UnsafeBuffer copy = new UnsafeBuffer(new byte[0]);

  /**
   * @param codec an exact one
   */
  RecursiveDoubling(Transport transport, Group group, ValueCodec codec) {
    this.transport = transport;
    this.group = group;
    this.waiting = new Waiting(transport);
    this.segments = new Segments(codec);
  }

  /** The places whose members a place exchanges with, the helper or the helped included. */
  static int[] partners(int place, int size) {
    var core = Integer.highestOneBit(size);
    if (place >= core) {
      return new int[] {place - core};
    }
    var exchanges = Integer.numberOfTrailingZeros(core);
    var helps = place + core < size;
    var partners = new int[exchanges + (helps ? 1 : 0)];
    for (int k = 0; k < exchanges; k++) {
      partners[k] = place ^ (1 << k);
    }
    if (helps) {
      partners[exchanges] = place + core;
    }
    return partners;
  }

  @Override
  public void run(Summand summand, long operation) {
    var vector = summand.vector();
    var core = Integer.highestOneBit(group.size());
    var place = group.position();
    waiting.begin();
    if (place >= core) {
      exchange(place - core, operation, vector, true, Taking.NOTHING);
      exchange(place - core, operation, vector, false, Taking.REPLACING);
      return;
    }
    var helps = place + core < group.size();
    if (helps) {
      exchange(place + core, operation, vector, false, Taking.ADDING);
    }
    for (int bit = 1; bit < core; bit <<= 1) {
      exchange(place ^ bit, operation, vector, true, Taking.ADDING);
    }
    if (helps) {
      exchange(place + core, operation, vector, true, Taking.NOTHING);
    }
  }

  /** What happens to the vector that comes. */
  private enum Taking {
    NOTHING,
    ADDING,
    REPLACING
  }

  private void exchange(
      int place, long operation, UnsafeBuffer vector, boolean gives, Taking taking) {
    new Exchange(group.rankAt(place), operation, vector, gives, taking).run();
  }

  /** The vector to one member, and that member's to here. */
  private final class Exchange {
    private final int peer;
    private final Link link;
    private final long operation;
    private final UnsafeBuffer vector;
    private final Taking taking;
    private final int length;
    private int toSend;
    private int toReceive;

    Exchange(int peer, long operation, UnsafeBuffer vector, boolean gives, Taking taking) {
      this.peer = peer;
      this.link = transport.link(peer);
      this.operation = operation;
      this.vector = vector;
      this.taking = taking;
      this.length = vector.capacity() / Float.BYTES;
      this.toSend = gives ? length : 0;
      this.toReceive = taking == Taking.NOTHING ? 0 : length;
    }

    void run() {
      if (toSend > 0) {
        keepCopy(vector);
      }
      while (toSend > 0 || toReceive > 0) {
        boolean moved = false;
        while (toSend > 0 && send()) {
          moved = true;
        }
        if (toReceive > 0) {
          moved |= link.poll(operation, this::receive);
        }
        waiting.after(moved, peer, this::progress);
      }
    }

    private boolean send() {
      var count = Math.min(toSend, segments.mostIn(link));
      var left = segments.trySend(link, operation, copy, length - toSend, count);
      if (left) {
        toSend -= count;
      }
      return left;
    }

    private boolean receive(DirectBuffer frame, int offset, int bytes) {
      toReceive -=
          segments.take(
              link,
              operation,
              frame,
              offset,
              bytes,
              vector,
              length - toReceive,
              toReceive,
              taking == Taking.ADDING);
      return toReceive > 0;
    }

    private String progress() {
      return "all-reduce %d of %d values by recursive doubling: %d to send and %d to receive"
          .formatted(operation, length, toSend, toReceive);
    }
  }

  private void keepCopy(UnsafeBuffer vector) {
    if (copy.capacity() < vector.capacity()) {
      copy = new UnsafeBuffer(ByteBuffer.allocateDirect(vector.capacity()));
    }
    copy.putBytes(0, vector, 0, vector.capacity());
  }
}
