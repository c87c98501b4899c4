package org.murmuration.worker.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/** A non-blocking UDP socket on an ephemeral port of 127.0.0.1, with what it does when ready. */
final class RelaySocket implements Outlet.Socket<SocketAddress>, AutoCloseable {
  private static final int BUFFER_BYTES = 4 * 1024 * 1024;

  /** Others want to be served as well. */
  private static final int DATAGRAMS_AT_A_TIME = 64;

  private final DatagramChannel channel;
  private final SelectionKey key;
  private final Outlet<SocketAddress> outlet = new Outlet<>(this);
  private final Receiver receiver;

  private RelaySocket(DatagramChannel channel, Selector selector, Receiver receiver)
      throws IOException {
    this.channel = channel;
    this.receiver = receiver;
    channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
    channel.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER_BYTES);
    channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    channel.configureBlocking(false);
    this.key = channel.register(selector, SelectionKey.OP_READ);
    key.attach(this);
  }

  /** Takes what came: the buffer's remaining bytes, which are valid during the call only. */
  interface Receiver {
    void received(ByteBuffer datagram, SocketAddress from) throws IOException;
  }

  static RelaySocket open(Selector selector, Receiver receiver) throws IOException {
    var channel = DatagramChannel.open(StandardProtocolFamily.INET);
    try {
      return new RelaySocket(channel, selector, receiver);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  int port() throws IOException {
    return ((InetSocketAddress) channel.getLocalAddress()).getPort();
  }

  Outlet<SocketAddress> outlet() {
    return outlet;
  }

  /** Sends what waits and takes what came, each as far as the key says that it can. */
  void serve(ByteBuffer buffer) throws IOException {
    if (key.isWritable()) {
      outlet.flush();
    }
    if (key.isReadable()) {
      receive(buffer);
    }
  }

  private void receive(ByteBuffer buffer) throws IOException {
    for (var n = 0; n < DATAGRAMS_AT_A_TIME; n++) {
      var from = channel.receive(buffer.clear());
      if (from == null) {
        return;
      }
      receiver.received(buffer.flip(), from);
    }
  }

  @Override
  public boolean send(ByteBuffer datagram, SocketAddress to) throws IOException {
    // Of an empty datagram nothing tells whether the socket was full.
    return channel.send(datagram, to) > 0 || !datagram.hasRemaining();
  }

  @Override
  public void wakeWhenWritable(boolean wake) {
    key.interestOps(wake ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
