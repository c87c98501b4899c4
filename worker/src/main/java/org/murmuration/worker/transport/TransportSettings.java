package org.murmuration.worker.transport;

import java.io.Serializable;
import java.time.Duration;

/**
 * How ranks reach each other, concluded once by the driver.
 *
 * @param peerTimeout how long a peer may stay silent before the rank gives up; the setting {@code
 *     averaging.peer-timeout}
 * @param security what frames on a network are protected by; the setting {@code averaging.security}
 * @param networkInterface the name, CIDR or address of the interface that peers reach, or "" for
 *     the address of the executor's own host name; the setting {@code averaging.interface}
 * @param ports the UDP ports that may be used; the setting {@code averaging.ports}
 * @param mtu the largest UDP payload in bytes, a multiple of 32, or 0 to derive it from the network
 *     interface; the setting {@code averaging.mtu}
 * @param window bytes that may be under way to one peer, or 0 for as many as the kernel buffers;
 *     the setting {@code averaging.window}
 * @param directory where the buffers of Aeron and of the ranks live, or "" for {@code /dev/shm}
 *     when it has room and else the executor's local directory; the setting {@code
 *     averaging.directory}
 */
public record TransportSettings(
    Duration peerTimeout,
    Security security,
    String networkInterface,
    PortRange ports,
    int mtu,
    int window,
    String directory)
    implements Serializable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration AERON_TIMEOUT = Duration.ofSeconds(10);

  /** The settings of a job that says nothing about averaging. */
  public static TransportSettings defaults() {
    return new TransportSettings(
        Duration.ofSeconds(20), Security.AUTHENTICATE, "", PortRange.ANY, 0, 0, "");
  }

  /** The same with another patience. */
  public TransportSettings withPeerTimeout(Duration timeout) {
    return new TransportSettings(
        timeout, security, networkInterface, ports, mtu, window, directory);
  }

  /** The same with another protection. */
  public TransportSettings withSecurity(Security other) {
    return new TransportSettings(
        peerTimeout, other, networkInterface, ports, mtu, window, directory);
  }

  /** The same with another folder for buffers. */
  public TransportSettings withDirectory(String other) {
    return new TransportSettings(
        peerTimeout, security, networkInterface, ports, mtu, window, other);
  }

  /**
   * How long connecting may take once all ranks are there. Much less is needed, and who waits in
   * vain wants to know soon.
   */
  Duration connectTimeout() {
    return peerTimeout.compareTo(CONNECT_TIMEOUT) < 0 ? peerTimeout : CONNECT_TIMEOUT;
  }

  /**
   * How long a peer's process may give no sign of life. Less than the peer timeout, so that a rank
   * can tell a peer that is lost from one that only works slowly.
   */
  Duration signOfLifeTimeout() {
    return peerTimeout.dividedBy(2);
  }

  /**
   * How long a rank's own process may stand still without being given up by its own media driver:
   * as long as its peers bear it, and never less than Aeron's default.
   */
  Duration standstillTimeout() {
    return signOfLifeTimeout().compareTo(AERON_TIMEOUT) > 0 ? signOfLifeTimeout() : AERON_TIMEOUT;
  }
}
