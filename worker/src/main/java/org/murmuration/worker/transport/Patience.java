package org.murmuration.worker.transport;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.BackoffIdleStrategy;

/** Waits, with a deadline, for what no thread will wake us for. */
final class Patience {
  private static final long MAX_PARK_MILLIS = 1;

  private Patience() {}

  /** Gives a value, or nothing yet. */
  @FunctionalInterface
  interface Attempt<T, X extends Exception> {
    Optional<T> get() throws X;
  }

  /** Whether the condition holds before the time is over. */
  static boolean await(BooleanSupplier condition, Duration limit) {
    return awaitValue(
            () -> condition.getAsBoolean() ? Optional.of(condition) : Optional.empty(), limit)
        .isPresent();
  }

  /** The first value that an attempt gives before the time is over. */
  static <T, X extends Exception> Optional<T> awaitValue(Attempt<T, X> attempt, Duration limit)
      throws X {
    var idle =
        new BackoffIdleStrategy(10, 20, 1_000, TimeUnit.MILLISECONDS.toNanos(MAX_PARK_MILLIS));
    var deadline = System.nanoTime() + limit.toNanos();
    var value = attempt.get();
    while (value.isEmpty() && System.nanoTime() - deadline < 0) {
      idle.idle();
      value = attempt.get();
    }
    return value;
  }
}
