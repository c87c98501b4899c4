package org.murmuration.worker.transport;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the address of this machine that its peers reach. */
public final class NetworkAddress {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkAddress.class);

  /** What the setting {@code averaging.interface} must be, as it completes "must be". */
  public static final String RULE =
      "the name of a network interface such as eth0, an IP address, or addresses in CIDR notation"
          + " such as 10.1.0.0/16 or fd00::/64";

  private static final Pattern NAME = Pattern.compile("[^\\s/%]+");

  /** What can only be meant as an address: digits with dots, or hexadecimal digits with colons. */
  private static final Pattern LIKE_AN_ADDRESS =
      Pattern.compile("[0-9.]*\\.[0-9.]*|[0-9a-f.]*:[0-9a-f:.]*", Pattern.CASE_INSENSITIVE);

  /** The names that RFC 6761, Debian and Red Hat give to the machine itself. */
  private static final Pattern LOOPBACK_NAME =
      Pattern.compile(
          "localhost[46]?(\\.localdomain[46]?)?|ip6-(localhost|loopback)|.+\\.localhost");

  /** What peers can reach comes first: not this machine alone, not one link alone. */
  private static final Comparator<InetAddress> MOST_REACHABLE =
      Comparator.comparing(InetAddress::isLoopbackAddress)
          .thenComparing(address -> !(address instanceof Inet4Address))
          .thenComparing(InetAddress::isLinkLocalAddress);

  private final List<LocalInterface> interfaces;
  private final Resolver resolver;

  /** Finds the addresses of a host name. */
  @FunctionalInterface
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  NetworkAddress(List<LocalInterface> interfaces, Resolver resolver) {
    this.interfaces = interfaces;
    this.resolver = resolver;
  }

  /**
   * The address of this machine that its peers reach.
   *
   * <p>Of several that match, IPv4 is preferred to IPv6, of one family what reaches beyond the
   * link, and loopback comes last; after that the first in the order of interfaces is taken.
   *
   * @param networkInterface which one, by {@link #RULE}; "" for that of the host name
   * @param host the name or address by which this machine knows itself
   * @throws TransportException if the host name does not resolve, or resolves to an address that
   *     this machine does not have or that only it can reach, and there are several to choose from;
   *     if no interface that is up matches; or if the setting is against {@link #RULE}
   */
  public static InetAddress of(String networkInterface, String host) {
    return new NetworkAddress(LocalInterface.all(), InetAddress::getAllByName)
        .find(networkInterface, host);
  }

  /**
   * Whether a setting keeps {@link #RULE}, on whichever machine: whether an interface matches is
   * known on that machine only.
   */
  public static boolean isWellFormed(String networkInterface) {
    return Cidr.parse(networkInterface).isPresent()
        || (NAME.matcher(networkInterface).matches()
            && !LIKE_AN_ADDRESS.matcher(networkInterface).matches());
  }

  InetAddress find(String networkInterface, String host) {
    return networkInterface.isEmpty() ? ofHost(host) : matching(networkInterface, host);
  }

  private InetAddress matching(String setting, String host) {
    if (!isWellFormed(setting)) {
      throw new TransportException("averaging.interface = %s: must be %s".formatted(setting, RULE));
    }
    var matching = addressesThatMatch(setting).distinct().sorted(MOST_REACHABLE).toList();
    if (matching.isEmpty()) {
      throw new TransportException(
          ("host %s: no network interface that is up matches averaging.interface = %s; this machine"
                  + " has %s. Set averaging.interface to a name, an address or a CIDR that matches"
                  + " on every executor's host")
              .formatted(host, setting, described()));
    }
    var chosen = matching.get(0);
    var asGood =
        matching.stream().filter(other -> MOST_REACHABLE.compare(other, chosen) == 0).toList();
    if (asGood.size() > 1) {
      LOG.info(
          "averaging.interface = {} matches {}; taking {}",
          setting,
          asGood.stream().map(InetAddress::getHostAddress).collect(Collectors.joining(", ")),
          chosen.getHostAddress());
    }
    return chosen;
  }

  private Stream<InetAddress> addressesThatMatch(String setting) {
    var inUse = interfaces.stream().filter(LocalInterface::up);
    return Cidr.parse(setting)
        .map(cidr -> addressesOf(inUse, nic -> true).filter(cidr::contains))
        .orElseGet(() -> addressesOf(inUse, nic -> nic.name().equals(setting)));
  }

  private static Stream<InetAddress> addressesOf(
      Stream<LocalInterface> interfaces, Predicate<LocalInterface> wanted) {
    return interfaces.filter(wanted).flatMap(nic -> nic.addresses().stream());
  }

  private InetAddress ofHost(String host) {
    var addresses = resolve(host);
    if (isLoopbackName(host) && !addresses.isEmpty()) {
      return addresses.get(0);
    }
    var beyond = addresses.stream().filter(address -> !address.isLoopbackAddress()).findFirst();
    var own = beyond.filter(address -> interfaces.stream().anyMatch(nic -> nic.has(address)));
    if (own.isPresent()) {
      return own.get();
    }
    // A name that is of no use doesn't matter where there is no choice.
    return onlyAddress()
        .orElseThrow(
            () ->
                addresses.isEmpty()
                    ? unresolved(host)
                    : beyond
                        .map(address -> foreign(host, address))
                        .orElseGet(() -> onlyLoopback(host, addresses.get(0))));
  }

  /** The address that peers reach if any, where this machine has but one. */
  private Optional<InetAddress> onlyAddress() {
    var reachable =
        addressesOf(interfaces.stream().filter(LocalInterface::up), nic -> true)
            .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
            .distinct()
            .toList();
    return reachable.size() == 1 ? Optional.of(reachable.get(0)) : Optional.empty();
  }

  /** None when the name doesn't resolve. */
  private List<InetAddress> resolve(String host) {
    try {
      return List.of(resolver.resolve(host));
    } catch (UnknownHostException e) {
      LOG.debug("the executor's own host name does not resolve", e);
      return List.of();
    }
  }

  private TransportException unresolved(String host) {
    return new TransportException(
        ("the executor's own host name '%s' does not resolve. Set averaging.interface to the name"
                + " or the CIDR of the network interface that peers reach; this machine has %s")
            .formatted(host, described()));
  }

  private TransportException foreign(String host, InetAddress address) {
    return new TransportException(
        ("the executor's own host name '%s' resolves to %s, which no network interface of this"
                + " machine has: %s. Set averaging.interface to the name or the CIDR of the one"
                + " that peers reach")
            .formatted(host, address.getHostAddress(), described()));
  }

  private TransportException onlyLoopback(String host, InetAddress address) {
    return new TransportException(
        ("the executor's own host name '%s' resolves to %s, which only this machine itself reaches;"
                + " /etc/hosts may say so, as Debian's does with 127.0.1.1. Correct it, or set"
                + " averaging.interface to the name or the CIDR of the network interface that peers"
                + " reach; this machine has %s")
            .formatted(host, address.getHostAddress(), described()));
  }

  private static boolean isLoopbackName(String host) {
    // Spark writes an IPv6 address in brackets.
    var bare = host.replaceAll("^\\[|]$", "").toLowerCase(Locale.ROOT);
    return LOOPBACK_NAME.matcher(bare).matches()
        || Cidr.parse(bare).filter(cidr -> cidr.address().isLoopbackAddress()).isPresent();
  }

  private String described() {
    return interfaces.stream().map(LocalInterface::toString).collect(Collectors.joining("; "));
  }
}
