package org.murmuration.driver.conf;

import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Typed reading. A value that is missing, of another type or against its rule becomes a problem,
 * and a placeholder takes its place, so that reading goes on and finds the next problem. What was
 * read is of use only after {@link Problems#throwIfAny}.
 */
final class Section {
  private final String prefix;
  private final Settings settings;
  private final Problems problems;
  private final Map<String, Object> effective = new LinkedHashMap<>();
  private final Set<String> asked = new TreeSet<>();
  private final Set<String> faulty = new HashSet<>();

  /**
   * @param prefix what stands before a key in a message, such as {@code network.layers[0].}
   */
  Section(String prefix, Settings settings, Problems problems) {
    this.prefix = prefix;
    this.settings = settings;
    this.problems = problems;
  }

  /** Reads a key that must be there. */
  <T> T read(String key, ValueType<T> type) {
    Optional<ConfigValue> value = settings.value(key);
    if (value.isPresent()) {
      return read(key, value.get(), type);
    }
    asked.add(key);
    faulty.add(key);
    problems.add("%s in %s: is missing and has no default".formatted(full(key), origin(key)));
    return type.placeholder();
  }

  /**
   * Reads a key that may be left out.
   *
   * @param otherwise what the job file would say for the default: text, a number or a truth value
   */
  <T> T read(String key, ValueType<T> type, Object otherwise) {
    ConfigValue standard = ConfigValueFactory.fromAnyRef(otherwise, Origins.DEFAULT);
    return read(key, settings.value(key).orElse(standard), type);
  }

  /** Replaces what {@link #effective} says of a key that was read. */
  void expand(String key, Object value) {
    effective.put(key, value);
  }

  /**
   * Refuses a value that is wrong only next to another one; says nothing if either had a fault of
   * its own.
   */
  void require(boolean holds, String key, String other, String rule) {
    if (!holds && isSound(key) && isSound(other)) {
      problems.brokenRule(full(key), origin(key), settings.value(key).orElseThrow(), rule);
    }
  }

  /** Whether reading the key found no fault. */
  boolean isSound(String key) {
    return !faulty.contains(key);
  }

  /** Every key that was read, or would have been if it were there; sorted. */
  Set<String> asked() {
    return asked;
  }

  String origin(String key) {
    return settings.origin(key);
  }

  /** What was read, by key, in the order of reading: text, numbers, truth values, lists, maps. */
  Map<String, Object> effective() {
    return effective;
  }

  private <T> T read(String key, ConfigValue value, ValueType<T> type) {
    asked.add(key);
    effective.put(key, value.unwrapped());
    Reading<T> reading = type.read(value);
    if (reading.value().isPresent()) {
      return reading.value().get();
    }
    faulty.add(key);
    if (reading.wrongType()) {
      problems.wrongType(full(key), origin(key), value, reading.fault());
    } else {
      problems.brokenRule(full(key), origin(key), value, reading.fault());
    }
    return type.placeholder();
  }

  private String full(String key) {
    return prefix + key;
  }
}
