package org.murmuration.driver.conf;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The settings of a job by full key, such as {@code train.optimizer.type}. The keys are those of
 * {@code reference.conf}, no more and no fewer.
 */
final class JobSettings implements Settings {
  private final Map<String, ConfigValue> defaults = new TreeMap<>();
  private final Map<String, ConfigValue> values = new TreeMap<>();
  private final Map<String, String> origins;
  private final Problems problems;

  private JobSettings(Map<String, String> origins, Problems problems) {
    this.origins = origins;
    this.problems = problems;
  }

  /**
   * @param resolved the overrides over the job file over the defaults
   * @param defaults {@code reference.conf}
   * @param origins where the stated keys were written
   * @param problems receives unknown keys, and values where a section belongs
   */
  static JobSettings checked(
      ConfigObject resolved,
      ConfigObject defaults,
      Map<String, String> origins,
      Problems problems) {
    JobSettings settings = new JobSettings(origins, problems);
    settings.collectDefaults("", defaults);
    settings.collectValues("", resolved, defaults);
    settings.defaults.forEach(settings.values::putIfAbsent);
    return settings;
  }

  /** Every known key. */
  Set<String> keys() {
    return defaults.keySet();
  }

  @Override
  public Optional<ConfigValue> value(String key) {
    return Optional.ofNullable(values.get(key));
  }

  @Override
  public String origin(String key) {
    String stated = origins.get(key);
    if (stated != null) {
      return stated;
    }
    ConfigValue value = values.get(key);
    return value.equals(defaults.get(key)) ? Origins.DEFAULT : Origins.describe(value.origin());
  }

  /** Whether the job file or an override gives the key a value. */
  boolean states(String key) {
    return !origin(key).equals(Origins.DEFAULT)
        && values.get(key).valueType() != ConfigValueType.NULL;
  }

  /** The value in {@code reference.conf}. */
  ConfigValue standard(String key) {
    return defaults.get(key);
  }

  /**
   * Refuses a key that was stated although nothing reads it.
   *
   * @param key the key that nothing reads
   * @param reason the key whose value makes it so
   */
  void refuseIfStated(String key, String reason) {
    if (states(key)) {
      problems.add(
          "%s in %s: nothing reads it with %s = %s (%s); remove it, or --set %s=null"
              .formatted(
                  key, origin(key), reason, values.get(reason).unwrapped(), origin(reason), key));
    }
  }

  private void collectDefaults(String prefix, ConfigObject reference) {
    reference.forEach(
        (name, value) -> {
          if (value instanceof ConfigObject section) {
            collectDefaults(prefix + name + ".", section);
          } else {
            defaults.put(prefix + name, value);
          }
        });
  }

  private void collectValues(String prefix, ConfigObject object, ConfigObject reference) {
    for (String name : new TreeSet<>(object.keySet())) {
      String key = prefix + ConfigUtil.joinPath(name);
      ConfigValue value = object.get(name);
      ConfigValue known = reference.get(name);
      if (known == null) {
        refuseUnknown(key, value);
      } else if (known instanceof ConfigObject section) {
        collectSection(key, value, section);
      } else {
        values.put(key, value);
      }
    }
  }

  private void collectSection(String key, ConfigValue value, ConfigObject reference) {
    if (value instanceof ConfigObject section) {
      collectValues(key + ".", section, reference);
    } else {
      problems.wrongType(key, sectionOrigin(key, value), value, "a section of keys in { }");
    }
  }

  private void refuseUnknown(String key, ConfigValue value) {
    if (value instanceof ConfigObject section && !section.isEmpty()) {
      for (String name : new TreeSet<>(section.keySet())) {
        refuseUnknown(key + "." + ConfigUtil.joinPath(name), section.get(name));
      }
    } else {
      problems.add(
          "unknown key %s in %s%s"
              .formatted(key, sectionOrigin(key, value), KeySuggestion.hint(key, keys())));
    }
  }

  private String sectionOrigin(String key, ConfigValue value) {
    return origins.getOrDefault(key, Origins.describe(value.origin()));
  }
}
