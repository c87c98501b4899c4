package org.murmuration.worker.bench.collective;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;
import org.murmuration.worker.transport.Rendezvous;

/**
 * What a socket library could reach: each rank sends the bytes of a ring all-reduce over TCP to the
 * next rank and receives as many from the one before, and nothing is added, framed or sealed.
 *
 * <p>The bytes have the order that they have in a ring. A rank begins with the chunk of its own
 * number and passes on what it receives as it comes, byte by byte, 2(P-1) chunks in all. So a rank
 * is ahead of its source by one chunk at most, and no byte is late because a step isn't complete.
 * The bytes under way lie in a circle as long as the vector.
 */
final class TcpRing implements Exchange {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int TRIES_BEFORE_SLEEP = 20;

  private final Rendezvous rendezvous;
  private final SocketChannel next;
  private final SocketChannel previous;
  private final Selector selector;
  private final SelectionKey writable;
  private final SelectionKey readable;
  private final IdleStrategy yielding = new YieldingIdleStrategy();

  private TcpRing(Rendezvous rendezvous, SocketChannel next, SocketChannel previous)
      throws IOException {
    this.rendezvous = rendezvous;
    this.next = next;
    this.previous = previous;
    this.selector = Selector.open();
    next.configureBlocking(false);
    previous.configureBlocking(false);
    this.writable = next.register(selector, 0);
    this.readable = previous.register(selector, 0);
  }

  /** Connects to the next rank and is connected to by the one before. */
  static TcpRing join(Rendezvous rendezvous) {
    var loopback = InetAddress.getLoopbackAddress();
    try (var server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(loopback, 0));
      var ports = rendezvous.allGather(String.valueOf(server.socket().getLocalPort()));
      var neighbour = (rendezvous.rank() + 1) % rendezvous.worldSize();
      var next = SocketChannel.open();
      // The backlog takes it before the neighbour accepts.
      next.connect(new InetSocketAddress(loopback, Integer.parseInt(ports.get(neighbour))));
      next.setOption(StandardSocketOptions.TCP_NODELAY, true);
      return new TcpRing(rendezvous, next, accept(server));
    } catch (IOException e) {
      throw new UncheckedIOException("the ring of rank " + rendezvous.rank() + " is broken", e);
    }
  }

  private static SocketChannel accept(ServerSocketChannel server) throws IOException {
    try (var arrival = Selector.open()) {
      server.configureBlocking(false);
      server.register(arrival, SelectionKey.OP_ACCEPT);
      if (arrival.select(PATIENCE.toMillis()) == 0) {
        throw new IOException("the rank before did not connect within " + PATIENCE);
      }
      return server.accept();
    }
  }

  @Override
  public Operation operation(int bytes) {
    return new Lap(bytes);
  }

  @Override
  public void close() {
    try (selector;
        next;
        previous) {
      selector.wakeup();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The bytes that pass a rank; a position counts them from the first of its own chunk. */
  private final class Lap implements Operation {
    private final ByteBuffer circle;
    private final int length;
    private final long own;
    private final long lastSent;
    private final long lastReceived;
    private long sent;
    private long received;

    Lap(int bytes) {
      circle = ByteBuffer.allocateDirect(bytes);
      length = bytes;
      own = chunkLength(0);
      lastSent = chunkStart(chunks() - 1);
      lastReceived = chunkStart(chunks());
    }

    /** Its own chunk, and one for each step. */
    private int chunks() {
      return 2 * rendezvous.worldSize() - 1;
    }

    /** The rank in whose vector the chunk at a place of the stream began. */
    private int origin(int place) {
      return Math.floorMod(rendezvous.rank() - place, rendezvous.worldSize());
    }

    /** The length of the chunk at a place of the stream, the same at each rank it passes. */
    private long chunkLength(int place) {
      long rank = origin(place);
      return (rank + 1) * length / rendezvous.worldSize() - rank * length / rendezvous.worldSize();
    }

    private long chunkStart(int place) {
      long start = 0;
      for (int i = 0; i < place; i++) {
        start += chunkLength(i);
      }
      return start;
    }

    @Override
    public void run() {
      sent = 0;
      received = own;
      int idle = 0;
      try {
        while (sent < lastSent || received < lastReceived) {
          boolean moved = write();
          moved |= read();
          idle = moved ? 0 : idle + 1;
          if (idle > TRIES_BEFORE_SLEEP) {
            sleep();
          } else if (idle > 0) {
            yielding.idle();
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(progress(), e);
      }
    }

    private boolean write() throws IOException {
      var there = Math.min(received, lastSent) - sent;
      if (there == 0) {
        return false;
      }
      var count = next.write(part(sent, there));
      sent += count;
      return count > 0;
    }

    private boolean read() throws IOException {
      var room = room();
      if (room == 0) {
        return false;
      }
      var count = previous.read(part(received, room));
      if (count < 0) {
        throw new EOFException("the rank before has left");
      }
      received += count;
      return count > 0;
    }

    /** What may be overwritten: all that was sent. */
    private long room() {
      return Math.min(lastReceived, sent + length) - received;
    }

    private ByteBuffer part(long position, long count) {
      var from = (int) (position % length);
      return circle.limit((int) Math.min(length, from + count)).position(from);
    }

    private void sleep() throws IOException {
      writable.interestOps(Math.min(received, lastSent) > sent ? SelectionKey.OP_WRITE : 0);
      readable.interestOps(room() > 0 ? SelectionKey.OP_READ : 0);
      var deadline = System.nanoTime() + PATIENCE.toNanos();
      if (selector.select(key -> {}, PATIENCE.toMillis()) == 0
          && System.nanoTime() - deadline > 0) {
        throw new IOException("nothing moved within " + PATIENCE);
      }
    }

    private String progress() {
      return "rank %d of %d sent %d of %d bytes and received %d of %d"
          .formatted(
              rendezvous.rank(),
              rendezvous.worldSize(),
              sent,
              lastSent,
              received - own,
              lastReceived - own);
    }

    @Override
    public void verify() {
      circle.clear();
      for (int i = 0; i < own; i++) {
        circle.put(i, value(rendezvous.rank(), i));
      }
      run();
      circle.clear();
      // The last lap's chunks have overwritten the first one's.
      for (int place = rendezvous.worldSize() - 1; place < chunks(); place++) {
        requireChunk(place);
      }
    }

    private void requireChunk(int place) {
      var start = chunkStart(place);
      for (int i = 0; i < chunkLength(place); i++) {
        var found = circle.get((int) ((start + i) % length));
        if (found != value(origin(place), i)) {
          throw new IllegalStateException(
              "byte %d of the chunk of rank %d arrived as %d, must be %d"
                  .formatted(i, origin(place), found, value(origin(place), i)));
        }
      }
    }

    private static byte value(int rank, int index) {
      return (byte) (31 * rank + index % 127);
    }
  }
}
