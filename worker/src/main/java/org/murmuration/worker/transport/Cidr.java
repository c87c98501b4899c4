package org.murmuration.worker.transport;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The IP addresses that begin with the same bits (RFC 4632 for IPv4, RFC 4291 for IPv6).
 *
 * @param address one of them; the bits behind the prefix don't matter
 * @param prefixLength how many leading bits they share: 0 to 32, or to 128 for IPv6
 */
record Cidr(InetAddress address, int prefixLength) {
  private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}");

  /** What Java takes for an IPv6 address or refuses, and never looks up as a name. */
  private static final Pattern IPV6 = Pattern.compile("(?=.*:)[0-9a-fA-F:][0-9a-fA-F:.]*");

  private static final Pattern PREFIX_LENGTH = Pattern.compile("0|[1-9]\\d{0,2}");

  /**
   * Reads {@code 10.1.0.0/16}, {@code fd00::/64}, or an address alone, which stands for itself.
   *
   * @return empty if the text is none of these
   */
  static Optional<Cidr> parse(String text) {
    var slash = text.indexOf('/');
    if (slash < 0) {
      return literal(text).map(address -> new Cidr(address, bits(address)));
    }
    var prefix = text.substring(slash + 1);
    if (!PREFIX_LENGTH.matcher(prefix).matches()) {
      return Optional.empty();
    }
    return literal(text.substring(0, slash))
        .map(address -> new Cidr(address, Integer.parseInt(prefix)))
        .filter(cidr -> cidr.prefixLength <= bits(cidr.address));
  }

  /** Whether an address, of either family, is one of these. */
  boolean contains(InetAddress other) {
    if (bits(other) != bits(address)) {
      return false;
    }
    var unlike = new BigInteger(1, address.getAddress()).xor(new BigInteger(1, other.getAddress()));
    return unlike.bitLength() <= bits(address) - prefixLength;
  }

  private static Optional<InetAddress> literal(String text) {
    if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(text));
    } catch (UnknownHostException notAnAddress) {
      return Optional.empty();
    }
  }

  private static int bits(InetAddress address) {
    return address.getAddress().length * Byte.SIZE;
  }
}
