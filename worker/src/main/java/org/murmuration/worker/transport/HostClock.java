package org.murmuration.worker.transport;

import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.EpochClock;

/**
 * Milliseconds that all processes of a host count alike, and that nobody sets: those of the
 * kernel's monotonic clock. Aeron tells by them who lives; by the time of day it would take
 * everybody for dead when the clock is set.
 */
final class HostClock implements EpochClock {
  @Override
  public long time() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
