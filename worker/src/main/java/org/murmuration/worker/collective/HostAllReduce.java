package org.murmuration.worker.collective;

import org.agrona.DirectBuffer;
import org.murmuration.worker.collective.codec.ValueCodec;
import org.murmuration.worker.transport.Link;
import org.murmuration.worker.transport.Transport;

/**
 * Sum over hosts with several members each: the members of a host add up along a chain that ends
 * with the host's leader, the leaders sum over the network, and the result runs back along the
 * chain. So one rank of each host crosses the network, with the host's sum.
 *
 * <p>A chain is pipelined by frame: a segment is passed on as soon as it is complete, so its time
 * grows hardly with the number of members. Values travel exactly between the members of a host.
 */
final class HostAllReduce implements AllReduce {
  private final Group host;
  private final Transport transport;
  private final Waiting waiting;
  private final Segments segments;
  private final AllReduce leaders;

  /**
   * @param host the members of this host, the leader first; at least two
   * @param codec an exact one
   * @param leaders sums over the leaders of all hosts; called by this host's leader
   */
  HostAllReduce(Transport transport, Group host, ValueCodec codec, AllReduce leaders) {
    this.transport = transport;
    this.host = host;
    this.waiting = new Waiting(transport);
    this.segments = new Segments(codec);
    this.leaders = leaders;
  }

  @Override
  public void run(Summand summand, long operation) {
    var place = host.position();
    var last = host.size() - 1;
    new Pass(summand, operation, place < last ? place + 1 : -1, place - 1, true).run();
    if (place == 0) {
      leaders.run(summand, operation);
    }
    new Pass(summand, operation, place - 1, place < last ? place + 1 : -1, false).run();
  }

  /** The vector along the chain in one direction; a place of -1 is none. */
  private final class Pass {
    private final Summand summand;
    private final long operation;
    private final int from;
    private final int to;
    private final boolean adds;
    private int received;
    private int sent;

    Pass(Summand summand, long operation, int from, int to, boolean adds) {
      this.summand = summand;
      this.operation = operation;
      this.from = from;
      this.to = to;
      this.adds = adds;
      this.received = from < 0 ? summand.length() : 0;
      this.sent = to < 0 ? summand.length() : 0;
    }

    void run() {
      waiting.begin();
      while (received < summand.length() || sent < summand.length()) {
        boolean moved = false;
        while (sent < received && send(transport.link(host.rankAt(to)))) {
          moved = true;
        }
        if (received < summand.length()) {
          moved |= transport.link(host.rankAt(from)).poll(operation, this::receive);
        }
        waiting.after(moved, host.rankAt(Math.max(from, to)), this::progress);
      }
    }

    private boolean send(Link link) {
      var count = Math.min(received - sent, segments.mostIn(link));
      var left = segments.trySend(link, operation, summand.vector(), sent, count);
      if (left) {
        sent += count;
      }
      return left;
    }

    private boolean receive(DirectBuffer frame, int offset, int bytes) {
      received +=
          segments.take(
              transport.link(host.rankAt(from)),
              operation,
              frame,
              offset,
              bytes,
              summand.vector(),
              received,
              summand.length() - received,
              adds);
      return received < summand.length();
    }

    private String progress() {
      return "all-reduce %d of %d values within the host: sent %d and received %d"
          .formatted(operation, summand.length(), sent, received);
    }
  }
}
