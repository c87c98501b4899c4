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

  /** The settings of a job that says nothing about averaging. */
  public static TransportSettings defaults() {
    return new TransportSettings(Duration.ofSeconds(20), 0, "");
  }
}
