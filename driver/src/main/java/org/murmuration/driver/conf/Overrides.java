package org.murmuration.driver.conf;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.util.List;

/** Reads {@code key=value} settings from the command line. */
final class Overrides {
  private static final String VALUE = "value";

  private Overrides() {}

  /** All overrides as one configuration, not yet resolved; a later one wins. */
  static Config parse(List<String> overrides, Problems problems) {
    Config all = ConfigFactory.empty();
    for (String override : overrides) {
      all = parse(override, problems).withFallback(all);
    }
    return all;
  }

  private static Config parse(String override, Problems problems) {
    String origin = Origins.OVERRIDE + override.replaceAll("\\R", " ");
    int equals = override.indexOf('=');
    if (equals < 1) {
      problems.add(origin + ": must be key=value");
      return ConfigFactory.empty();
    }
    String key = override.substring(0, equals).strip();
    try {
      return value(override.substring(equals + 1).strip(), origin).atPath(key);
    } catch (ConfigException.BadPath notAKey) {
      problems.add("%s: %s is not a key".formatted(origin, key));
      return ConfigFactory.empty();
    }
  }

  /** A HOCON value, or the text as it stands where HOCON would refuse it or cut it. */
  private static ConfigValue value(String text, String origin) {
    ConfigValue plain = ConfigValueFactory.fromAnyRef(text, origin);
    boolean quoted = text.contains("\"");
    boolean cutAsComment = !quoted && (text.contains("//") || text.contains("#"));
    if (cutAsComment && !text.contains("${")) {
      return plain;
    }
    try {
      ConfigParseOptions options = ConfigParseOptions.defaults().setOriginDescription(origin);
      ConfigObject parsed = ConfigFactory.parseString(VALUE + " = " + text, options).root();
      return isOneValue(parsed, text) ? parsed.get(VALUE) : plain;
    } catch (ConfigException.Parse | ConfigException.WrongType notHocon) {
      return plain;
    }
  }

  private static boolean isOneValue(ConfigObject parsed, String text) {
    if (parsed.size() != 1) {
      return false;
    }
    if (text.contains("${")) {
      return true;
    }
    return parsed.get(VALUE).valueType() != ConfigValueType.STRING || text.startsWith("\"");
  }
}
