package org.murmuration.worker.transport;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A network interface of this machine.
 *
 * @param name its name in the operating system
 * @param up whether it is in use
 * @param addresses its IP addresses; only link-local ones have a scope
 */
record LocalInterface(String name, boolean up, List<InetAddress> addresses) {

  LocalInterface {
    addresses = List.copyOf(addresses);
  }

  /**
   * The interfaces of this machine in the operating system's order, each followed by its aliases.
   *
   * @throws TransportException if they cannot be listed
   */
  static List<LocalInterface> all() {
    try {
      List<LocalInterface> all = new ArrayList<>();
      var inOrder =
          NetworkInterface.networkInterfaces()
              .sorted(Comparator.comparingInt(NetworkInterface::getIndex))
              .flatMap(nic -> Stream.concat(Stream.of(nic), nic.subInterfaces()))
              .toList();
      for (var nic : inOrder) {
        all.add(of(nic));
      }
      return all;
    } catch (SocketException | UnknownHostException e) {
      throw new TransportException(
          "the network interfaces of this machine cannot be listed: " + e.getMessage(), e);
    }
  }

  private static LocalInterface of(NetworkInterface nic)
      throws SocketException, UnknownHostException {
    List<InetAddress> addresses = new ArrayList<>();
    for (var address : nic.inetAddresses().toList()) {
      addresses.add(withoutNeedlessScope(address));
    }
    return new LocalInterface(nic.getName(), nic.isUp(), addresses);
  }

  /**
   * Java gives every IPv6 address the scope of its interface, such as {@code fd00::2%eth0}; a peer
   * whose interface has another name could not use it.
   */
  private static InetAddress withoutNeedlessScope(InetAddress address) throws UnknownHostException {
    return address.isLinkLocalAddress() ? address : InetAddress.getByAddress(address.getAddress());
  }

  /** Whether the address is one of its own. */
  boolean has(InetAddress address) {
    return addresses.contains(address);
  }

  @Override
  public String toString() {
    var inBrackets =
        addresses.stream()
            .map(InetAddress::getHostAddress)
            .collect(Collectors.joining(", ", " (", ")"));
    return name + (addresses.isEmpty() ? " (no address)" : inBrackets) + (up ? "" : " down");
  }
}
