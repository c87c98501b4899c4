package org.murmuration.driver.conf;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How ranks reach each other.
 *
 * @param peerTimeout how long a rank waits for a sign of life from another
 * @param mtuBytes the largest datagram that Aeron sends; empty to let the transport choose
 * @param directory where Aeron keeps its term buffers; empty to let the transport choose
 */
public record AveragingConf(
    Duration peerTimeout, OptionalInt mtuBytes, Optional<String> directory) {}
