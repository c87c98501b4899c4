package org.murmuration.worker.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Sends datagrams through a non-blocking socket, in order. What a full socket doesn't take is kept
 * and tried again once it can be written, so nothing is lost here.
 *
 * @param <A> what a datagram is sent to
 */
final class Outlet<A> {
  private final Socket<A> socket;
  private final ArrayDeque<Kept<A>> kept = new ArrayDeque<>();

  Outlet(Socket<A> socket) {
    this.socket = socket;
  }

  /** What the datagrams go through. */
  interface Socket<A> {
    /** Sends the buffer's remaining bytes as one datagram, or returns false when it is full. */
    boolean send(ByteBuffer datagram, A to) throws IOException;

    /** Asks for a call of {@link Outlet#flush} once the socket can be written, or for no more. */
    void wakeWhenWritable(boolean wake);
  }

  private record Kept<A>(ByteBuffer datagram, A to) {}

  /** Whether nothing is kept back. */
  boolean isFree() {
    return kept.isEmpty();
  }

  /** Sends the buffer's remaining bytes, or keeps a copy; the buffer stays the caller's. */
  void send(ByteBuffer datagram, A to) throws IOException {
    if (!isFree() || !socket.send(datagram.duplicate(), to)) {
      kept.add(new Kept<>(copyOf(datagram), to));
      socket.wakeWhenWritable(true);
    }
  }

  /** Sends what was kept, as far as the socket takes it. */
  void flush() throws IOException {
    while (!isFree() && socket.send(kept.element().datagram().duplicate(), kept.element().to())) {
      kept.remove();
    }
    socket.wakeWhenWritable(!isFree());
  }

  /** A buffer of its own for the buffer's remaining bytes. */
  static ByteBuffer copyOf(ByteBuffer datagram) {
    return ByteBuffer.allocate(datagram.remaining()).put(datagram.duplicate()).flip();
  }
}
