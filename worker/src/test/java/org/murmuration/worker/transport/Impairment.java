package org.murmuration.worker.transport;

import java.time.Duration;

/**
 * What a {@link UdpRelay} does to the datagrams of each direction, with the meanings that Linux's
 * tc-netem gives to the same words.
 *
 * @param loss the probability, 0 to 1, that a datagram is lost, its copy too
 * @param delay how long a datagram is on its way, on average
 * @param jitter how much shorter or longer than the delay that may be, uniformly; at most the delay
 * @param reorder the probability, 0 to 1, that a datagram leaves at once, ahead of those that wait
 * @param duplicate the probability, 0 to 1, that a datagram that isn't lost is sent twice, each on
 *     a way of its own
 * @param bitsPerSecond how fast the link of all senders together takes datagrams, headers not
 *     counted, or 0 for no cap
 * @param queueBytes how many bytes may wait for a capped link, those of the datagram that it is
 *     taking included as far as it has not; a datagram for which there is no room is lost, and one
 *     that finds the link idle needs none; 0 without a cap
 */
public record Impairment(
    double loss,
    Duration delay,
    Duration jitter,
    double reorder,
    double duplicate,
    long bitsPerSecond,
    long queueBytes) {
  /** A link that passes everything at once. */
  public static final Impairment NONE = new Impairment(0, Duration.ZERO, Duration.ZERO, 0, 0, 0, 0);

  /**
   * Refuses what no link can do.
   *
   * @throws IllegalArgumentException when a value is out of its range
   */
  public Impairment {
    requireProbability("loss", loss);
    requireProbability("reorder", reorder);
    requireProbability("duplicate", duplicate);
    require(!delay.isNegative(), "delay must be >= 0, was " + delay);
    require(
        !jitter.isNegative() && jitter.compareTo(delay) <= 0,
        "jitter must be from 0 to the delay, which is " + delay + ", was " + jitter);
    require(bitsPerSecond >= 0, "bitsPerSecond must be >= 0, was " + bitsPerSecond);
    require(queueBytes >= 0, "queueBytes must be >= 0, was " + queueBytes);
    require(
        bitsPerSecond > 0 || queueBytes == 0,
        "queueBytes must be 0 where bitsPerSecond is 0, for nothing waits, was " + queueBytes);
  }

  /** A link that loses everything. */
  public static Impairment blackout() {
    return NONE.withLoss(1);
  }

  /** This, with another probability of loss. */
  public Impairment withLoss(double probability) {
    return new Impairment(
        probability, delay, jitter, reorder, duplicate, bitsPerSecond, queueBytes);
  }

  /** This, with another delay and the same jitter. */
  public Impairment withDelay(Duration average) {
    return withDelay(average, jitter);
  }

  /** This, with another delay and another jitter. */
  public Impairment withDelay(Duration average, Duration more) {
    return new Impairment(loss, average, more, reorder, duplicate, bitsPerSecond, queueBytes);
  }

  /** This, with another probability that a datagram overtakes those that wait. */
  public Impairment withReorder(double probability) {
    return new Impairment(loss, delay, jitter, probability, duplicate, bitsPerSecond, queueBytes);
  }

  /** This, with another probability that a datagram is sent twice. */
  public Impairment withDuplicate(double probability) {
    return new Impairment(loss, delay, jitter, reorder, probability, bitsPerSecond, queueBytes);
  }

  /** This, with another rate and another bound of what waits for it. */
  public Impairment withCap(long bits, long bytesThatWait) {
    return new Impairment(loss, delay, jitter, reorder, duplicate, bits, bytesThatWait);
  }

  private static void requireProbability(String name, double value) {
    require(value >= 0 && value <= 1, name + " must be from 0 to 1, was " + value);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
