package org.murmuration.driver.conf;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.murmuration.worker.collective.Algorithm;
import org.murmuration.worker.collective.codec.Wire;
import org.murmuration.worker.transport.PortRange;
import org.murmuration.worker.transport.Security;

/**
 * What ranks average, how often, and how they reach each other.
 *
 * @param algorithm how vectors are summed over the ranks
 * @param bucketBytes how much of a vector is summed at once, a multiple of 4 in [64 KiB, 1 GiB]
 * @param wire how values are written when they go to another process
 * @param sparsity the share of values that {@link Wire#THRESHOLD} sends, in (0, 0.5]; its default
 *     for any other wire
 * @param every steps between two averagings; 1 for gradients in each step, more for parameters
 * @param outer the step on averaged parameters; its defaults if {@code every} is 1
 * @param security what frames on a network are protected by
 * @param ports the UDP ports that may be used
 * @param networkInterface a name, address or CIDR by {@link
 *     org.murmuration.worker.transport.NetworkAddress#RULE}; empty for the address of the
 *     executor's own host name
 * @param windowBytes how much may be under way to one peer, in [64 KiB, 512 MiB]; empty to let the
 *     transport choose
 * @param peerTimeout how long a rank waits for a sign of life from another
 * @param mtuBytes the largest datagram that Aeron sends; empty to let the transport choose
 * @param directory where Aeron and the ranks of a host keep their buffers; empty to let the
 *     transport choose
 */
public record AveragingConf(
    Algorithm algorithm,
    int bucketBytes,
    Wire wire,
    double sparsity,
    int every,
    Outer outer,
    Security security,
    PortRange ports,
    Optional<String> networkInterface,
    OptionalInt windowBytes,
    Duration peerTimeout,
    OptionalInt mtuBytes,
    Optional<String> directory) {

  /**
   * The outer optimizer, which takes the mean change of the ranks' parameters for a gradient: SGD
   * with Nesterov momentum (Douillard et al. 2023, "DiLoCo: Distributed Low-Communication Training
   * of Language Models"). 1 and 0 give the mean of the parameters themselves.
   *
   * @param learningRate {@code > 0}
   * @param momentum in [0, 1)
   */
  public record Outer(double learningRate, double momentum) {}
}
