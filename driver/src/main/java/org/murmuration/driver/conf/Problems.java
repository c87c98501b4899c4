package org.murmuration.driver.conf;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Collects what is wrong, so that one run reports all of it. */
final class Problems {
  private static final int LONGEST_VALUE = 80;
  private static final String KEY = "value";

  private final List<String> found = new ArrayList<>();

  /** Adds a problem; line breaks become spaces, as a problem is one line. */
  void add(String problem) {
    found.add(problem.strip().replaceAll("\\s*\\R\\s*", " "));
  }

  /** The value has the right type and breaks a rule, such as "> 0". */
  void brokenRule(String key, String origin, ConfigValue value, String rule) {
    add("%s in %s: was %s, must be %s".formatted(key, origin, rendered(value), rule));
  }

  /** The value is not what the key holds, such as "a whole number". */
  void wrongType(String key, String origin, ConfigValue value, String expected) {
    String type =
        value.valueType() == ConfigValueType.NULL
            ? ""
            : " (" + value.valueType().name().toLowerCase(Locale.ROOT) + ")";
    add("%s in %s: was %s%s, must be %s".formatted(key, origin, rendered(value), type, expected));
  }

  /** What to throw once there is a problem that leaves nothing to go on with. */
  ConfigurationException toException() {
    return new ConfigurationException(found);
  }

  /**
   * @throws ConfigurationException if there is a problem
   */
  void throwIfAny() {
    if (!found.isEmpty()) {
      throw toException();
    }
  }

  private static String rendered(ConfigValue value) {
    // HOCON's rendering of a number is that of the double it became: 1e999 would be Infinity.
    String text =
        value.valueType() == ConfigValueType.NUMBER
            ? value.atKey(KEY).getString(KEY)
            : value.render(ConfigRenderOptions.concise());
    return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "...";
  }
}
