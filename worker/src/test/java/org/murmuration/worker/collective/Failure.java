package org.murmuration.worker.collective;

import java.time.Duration;

/**
 * How and when a rank's sum ended without a result.
 *
 * @param atNs on the clock of {@link System#nanoTime}
 */
record Failure(String message, long atNs) {

  /**
   * Runs what must fail, as collectives do.
   *
   * @throws AssertionError when it doesn't
   */
  static Failure of(Runnable sum) {
    try {
      sum.run();
    } catch (CollectiveException e) {
      return new Failure(e.getMessage(), System.nanoTime());
    }
    throw new AssertionError("the sum ended, must fail");
  }

  /** How long after something. */
  Duration after(long eventNs) {
    return Duration.ofNanos(atNs - eventNs);
  }
}
