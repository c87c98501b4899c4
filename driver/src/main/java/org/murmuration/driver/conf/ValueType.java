package org.murmuration.driver.conf;

import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * How a HOCON value becomes a Java value.
 *
 * @param placeholder a valid value to go on with after a problem
 * @param parse from a value to the result or the fault
 */
record ValueType<T>(T placeholder, Function<ConfigValue, Reading<T>> parse) {

  Reading<T> read(ConfigValue value) {
    return parse.apply(value);
  }

  <R> ValueType<R> map(Function<T, R> function) {
    return then(function.apply(placeholder), result -> Reading.of(function.apply(result)));
  }

  <R> ValueType<R> then(R nextPlaceholder, Function<T, Reading<R>> next) {
    return new ValueType<>(nextPlaceholder, value -> read(value).then(next));
  }

  /**
   * @param rule the rule as it completes "must be"
   */
  ValueType<T> must(String rule, Predicate<T> holds) {
    return then(
        placeholder, result -> holds.test(result) ? Reading.of(result) : Reading.brokenRule(rule));
  }

  /** Also takes a word, such as auto, which is read as empty. */
  ValueType<Optional<T>> orWord(String word) {
    return new ValueType<>(
        Optional.of(placeholder),
        value ->
            word.equals(value.unwrapped())
                ? Reading.of(Optional.empty())
                : map(Optional::of).read(value).orAlso(word));
  }

  /** Also takes null, which is read as empty. */
  ValueType<Optional<T>> orNull() {
    return new ValueType<>(
        Optional.of(placeholder),
        value ->
            value.valueType() == ConfigValueType.NULL
                ? Reading.of(Optional.empty())
                : map(Optional::of).read(value));
  }
}
