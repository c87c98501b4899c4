package org.murmuration.worker.transport;

import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.SleepingMillisIdleStrategy;

/**
 * How a media driver's thread idles beside threads that compute: it parks for longer and longer. On
 * a host whose ranks use the network it looks again soon, for a packet waits for it; where all
 * ranks share the host it need not, for they exchange frames without it, and each time it woke up
 * it would take a core from one that computes.
 */
final class PatientIdle implements IdleStrategy {
  private static final long NETWORK_PARK_MICROS = 100;
  private static final long HOST_SLEEP_MILLIS = 20;

  private volatile IdleStrategy strategy =
      new BackoffIdleStrategy(10, 20, 1_000, TimeUnit.MICROSECONDS.toNanos(NETWORK_PARK_MICROS));

  /** Says that all ranks share this host. */
  void withoutNetwork() {
    strategy = new SleepingMillisIdleStrategy(HOST_SLEEP_MILLIS);
  }

  @Override
  public void idle(int workCount) {
    strategy.idle(workCount);
  }

  @Override
  public void idle() {
    strategy.idle();
  }

  @Override
  public void reset() {
    strategy.reset();
  }
}
