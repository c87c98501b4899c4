package org.murmuration.worker.transport;

import java.io.Serializable;
import java.time.Duration;

/**
 * How a rank's link is set up, concluded once by the driver.
 *
 * @param peerTimeout how long a neighbour may stay silent before the rank gives up; the setting
 *     {@code averaging.peer-timeout}
 * @param mtu the largest UDP payload in bytes, a multiple of 32, or 0 to derive it from the network
 *     interface; the setting {@code averaging.mtu}
 * @param directory where Aeron's term buffers live, or "" for {@code /dev/shm} when it has room and
 *     else the temporary directory; the setting {@code averaging.directory}
 */
public record TransportSettings(Duration peerTimeout, int mtu, String directory)
    implements Serializable {
  private static final Duration AERON_TIMEOUT = Duration.ofSeconds(10);

  /** The settings of a job that says nothing about averaging. */
  public static TransportSettings defaults() {
    return new TransportSettings(Duration.ofSeconds(20), 0, "");
  }

  /**
   * How long a neighbour's process may give no sign of life. Less than the peer timeout, so that a
   * rank can tell a neighbour that is lost from one that only works slowly.
   */
  Duration signOfLifeTimeout() {
    return peerTimeout.dividedBy(2);
  }

  /**
   * How long a rank's own process may stand still without being given up by its own media driver:
   * as long as its neighbours bear it, and never less than Aeron's default.
   */
  Duration standstillTimeout() {
    return signOfLifeTimeout().compareTo(AERON_TIMEOUT) > 0 ? signOfLifeTimeout() : AERON_TIMEOUT;
  }
}
