package org.murmuration.worker.transport;

/**
 * Where a rank is, as ranks tell it to each other at the rendezvous.
 *
 * @param rank the rank
 * @param host its IP address, as its peers reach it
 * @param port its UDP port
 * @param process identifies its Java process
 * @param driver identifies the media driver that it uses: ranks with the same one share a host
 */
public record PeerAddress(int rank, String host, int port, String process, String driver) {
  private static final int FIELDS = 5;

  String encode() {
    return String.join(" ", Integer.toString(rank), Integer.toString(port), process, driver, host);
  }

  static PeerAddress decode(String text) {
    var parts = text.split(" ", FIELDS);
    return new PeerAddress(
        Integer.parseInt(parts[0]), parts[4], Integer.parseInt(parts[1]), parts[2], parts[3]);
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
