package org.murmuration.driver.conf;

import java.util.Optional;
import java.util.function.Function;

/**
 * A value that was read, or why it was not.
 *
 * @param value the value; empty if there is a fault
 * @param fault what the value must be; empty text if all is well
 * @param wrongType whether the value is of another type, rather than outside of what is allowed
 */
record Reading<T>(Optional<T> value, String fault, boolean wrongType) {

  static <T> Reading<T> of(T value) {
    return new Reading<>(Optional.of(value), "", false);
  }

  static <T> Reading<T> wrongType(String expected) {
    return new Reading<>(Optional.empty(), expected, true);
  }

  static <T> Reading<T> brokenRule(String rule) {
    return new Reading<>(Optional.empty(), rule, false);
  }

  <R> Reading<R> then(Function<T, Reading<R>> next) {
    return value.map(next).orElseGet(() -> new Reading<>(Optional.empty(), fault, wrongType));
  }

  /** Says in the fault, if there is one, that something else would also have been right. */
  Reading<T> orAlso(String alternative) {
    return value.isPresent() ? this : new Reading<>(value, alternative + " or " + fault, wrongType);
  }
}
