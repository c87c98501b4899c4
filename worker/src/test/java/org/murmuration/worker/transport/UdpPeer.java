package org.murmuration.worker.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A plain UDP socket of 127.0.0.1 at one end of a link under test. */
final class UdpPeer implements AutoCloseable {
  private static final int BUFFER_BYTES = 4 * 1024 * 1024;
  private static final int LARGEST_DATAGRAM = 65_507;
  private static final Duration ARRIVAL_LIMIT = Duration.ofSeconds(5);

  private final DatagramSocket socket;
  private final byte[] buffer = new byte[LARGEST_DATAGRAM];

  UdpPeer() {
    try {
      socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      socket.setReceiveBufferSize(BUFFER_BYTES);
      socket.setSendBufferSize(BUFFER_BYTES);
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
  }

  record Arrival(ByteBuffer bytes, InetSocketAddress from, long timeNs) {
    /** The datagram's first four bytes. */
    int number() {
      return bytes.getInt(0);
    }
  }

  /** A datagram of a length that starts with a number. */
  static byte[] numbered(int number, int length) {
    return ByteBuffer.allocate(length).putInt(number).array();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  void send(byte[] bytes, InetSocketAddress to) {
    try {
      socket.send(new DatagramPacket(bytes, bytes.length, to));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void send(byte[] bytes, UdpRelay relay) {
    send(bytes, new InetSocketAddress(InetAddress.getLoopbackAddress(), relay.port()));
  }

  /** The next datagram, which must come. */
  Arrival receive() {
    return receive(ARRIVAL_LIMIT)
        .orElseThrow(() -> new AssertionError("no datagram came within " + ARRIVAL_LIMIT));
  }

  /** The next datagram, if one comes in time. */
  Optional<Arrival> receive(Duration limit) {
    var packet = new DatagramPacket(buffer, buffer.length);
    try {
      socket.setSoTimeout((int) limit.toMillis());
      socket.receive(packet);
      var bytes = ByteBuffer.wrap(Arrays.copyOf(buffer, packet.getLength()));
      var from = (InetSocketAddress) packet.getSocketAddress();
      return Optional.of(new Arrival(bytes, from, System.nanoTime()));
    } catch (SocketTimeoutException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next so many datagrams, which must come. */
  List<Arrival> receive(int count) {
    return IntStream.range(0, count).mapToObj(n -> receive()).toList();
  }

  static List<Integer> numbers(List<Arrival> arrivals) {
    return arrivals.stream().map(Arrival::number).toList();
  }

  @Override
  public void close() {
    socket.close();
  }
}
