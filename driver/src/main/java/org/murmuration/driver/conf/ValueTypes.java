package org.murmuration.driver.conf;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * The types of settings. As in HOCON itself, a number or a truth value may also be a string,
 * because the value of an environment variable always is one.
 */
final class ValueTypes {
  private static final EnumSet<ConfigValueType> SCALARS =
      EnumSet.of(ConfigValueType.STRING, ConfigValueType.NUMBER, ConfigValueType.BOOLEAN);
  private static final BigDecimal LONG_MIN = BigDecimal.valueOf(Long.MIN_VALUE);
  private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);
  private static final String KEY = "value";

  private ValueTypes() {}

  /** A whole number of 64 bits. */
  static ValueType<Long> wholeNumber() {
    return new ValueType<>(1L, value -> decimal(value, "a whole number").then(ValueTypes::whole));
  }

  /** A whole number of 32 bits. */
  static ValueType<Integer> integer(Rule rule) {
    return wholeNumber()
        .must("<= " + Integer.MAX_VALUE, number -> number <= Integer.MAX_VALUE)
        .must(rule.text(), number -> rule.holds().test(number))
        .map(Math::toIntExact);
  }

  /** A finite number. */
  static ValueType<Double> number(Rule rule) {
    return new ValueType<>(BigDecimal.ONE, value -> decimal(value, "a number"))
        .map(BigDecimal::doubleValue)
        .must("a number below 1.8e308", Double::isFinite)
        .must(rule.text(), number -> rule.holds().test(number));
  }

  static ValueType<Boolean> flag() {
    Map<String, Boolean> names = Map.of("true", true, "false", false);
    return new ValueType<>(
        true,
        value ->
            names.containsKey(scalar(value))
                ? Reading.of(names.get(scalar(value)))
                : Reading.wrongType("true or false"));
  }

  /** Text that is not blank; numbers and truth values are taken as they are written. */
  static ValueType<String> text() {
    return new ValueType<>(
            "text",
            value ->
                SCALARS.contains(value.valueType())
                    ? Reading.of(scalar(value))
                    : Reading.wrongType("text"))
        .must("text that is not blank", text -> !text.isBlank());
  }

  /** The constant whose name is the text in capitals, with underscores for hyphens. */
  static <E extends Enum<E>> ValueType<E> oneOf(Class<E> type) {
    Map<String, E> names = new LinkedHashMap<>();
    for (E constant : type.getEnumConstants()) {
      names.put(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'), constant);
    }
    return oneOf(names);
  }

  /** What a name of the map stands for. */
  static <T> ValueType<T> oneOf(Map<String, T> names) {
    T first = names.values().iterator().next();
    return text().then(first, name -> named(name, names));
  }

  /** A positive time with its unit; HOCON would take a bare number for milliseconds. */
  static ValueType<Duration> duration() {
    String expected = "a time with its unit, such as 20 s";
    return new ValueType<>(
            Duration.ofSeconds(1),
            value ->
                endsInUnit(value)
                    ? convert(value, config -> config.getDuration(KEY), expected)
                    : Reading.wrongType(expected))
        .must(Rule.POSITIVE.text(), time -> time.compareTo(Duration.ZERO) > 0);
  }

  /** A size in bytes. */
  static ValueType<Long> bytes(Rule rule) {
    return new ValueType<>(
            64L, value -> convert(value, config -> config.getBytes(KEY), "a size, such as 1 GiB"))
        .must(rule.text(), size -> rule.holds().test(size));
  }

  /** A list with any elements. */
  static ValueType<List<ConfigValue>> list() {
    return new ValueType<>(
        List.of(),
        value ->
            value instanceof ConfigList list
                ? Reading.of(List.copyOf(list))
                : Reading.wrongType("a list in [ ]"));
  }

  /** A list with at least one element; the fault of an element is the fault of the list. */
  static <T> ValueType<List<T>> listOf(ValueType<T> type) {
    return list()
        .must("a list with at least one element", list -> !list.isEmpty())
        .then(List.of(type.placeholder()), list -> elements(list, type));
  }

  private static <T> Reading<List<T>> elements(List<ConfigValue> list, ValueType<T> type) {
    List<T> results = new ArrayList<>();
    for (ConfigValue element : list) {
      Reading<T> reading = type.read(element);
      if (reading.value().isEmpty()) {
        return Reading.brokenRule("a list in which each element is " + reading.fault());
      }
      results.add(reading.value().get());
    }
    return Reading.of(List.copyOf(results));
  }

  private static <T> Reading<T> named(String name, Map<String, T> names) {
    if (names.containsKey(name)) {
      return Reading.of(names.get(name));
    }
    String all = String.join(", ", names.keySet());
    return Reading.brokenRule("one of " + all + KeySuggestion.hint(name, names.keySet()));
  }

  /** The number as it is written, so that no digit is lost before it is checked. */
  private static Reading<BigDecimal> decimal(ConfigValue value, String expected) {
    try {
      return Reading.of(new BigDecimal(scalar(value)));
    } catch (NumberFormatException notANumber) {
      return Reading.wrongType(expected);
    }
  }

  private static Reading<Long> whole(BigDecimal number) {
    if (number.compareTo(LONG_MIN) < 0 || number.compareTo(LONG_MAX) > 0) {
      return Reading.brokenRule("in [%s, %s]".formatted(LONG_MIN, LONG_MAX));
    }
    BigDecimal truncated = BigDecimal.valueOf(number.longValue());
    return truncated.compareTo(number) == 0
        ? Reading.of(number.longValue())
        : Reading.brokenRule("a whole number");
  }

  private static <T> Reading<T> convert(
      ConfigValue value, Function<Config, T> getter, String expected) {
    try {
      return Reading.of(getter.apply(value.atKey(KEY)));
    } catch (ConfigException.BadValue | ConfigException.WrongType unreadable) {
      return Reading.wrongType(expected);
    }
  }

  private static boolean endsInUnit(ConfigValue value) {
    String text = scalar(value);
    return !text.isEmpty() && Character.isLetter(text.charAt(text.length() - 1));
  }

  /** The text of a scalar without quotes; empty text for all else. */
  private static String scalar(ConfigValue value) {
    return SCALARS.contains(value.valueType()) ? value.atKey(KEY).getString(KEY).strip() : "";
  }
}
