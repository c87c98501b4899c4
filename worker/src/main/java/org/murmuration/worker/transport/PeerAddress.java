package org.murmuration.worker.transport;

/**
 * Where a rank listens, as ranks tell it to each other at the rendezvous.
 *
 * @param rank the rank
 * @param host its IP address, as its peers reach it
 * @param port its UDP port
 */
record PeerAddress(int rank, String host, int port) {

  String encode() {
    return rank + " " + port + " " + host;
  }

  static PeerAddress decode(String text) {
    var parts = text.split(" ", 3);
    return new PeerAddress(Integer.parseInt(parts[0]), parts[2], Integer.parseInt(parts[1]));
  }

  /** The address in Aeron's notation; an IPv6 address stands in brackets. */
  String endpoint() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  @Override
  public String toString() {
    return "rank " + rank + " at " + endpoint();
  }
}
