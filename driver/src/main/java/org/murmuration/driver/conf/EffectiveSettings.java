package org.murmuration.driver.conf;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The settings that a job reads, as they are written.
 *
 * @param settings by full key, such as {@code train.optimizer.type}
 */
public record EffectiveSettings(SortedMap<String, Setting> settings) {
  private static final ConfigRenderOptions HOCON = ConfigRenderOptions.concise().setJson(false);
  private static final String VALUE = "value";
  private static final Comparator<Map.Entry<String, ConfigValue>> TYPE_FIRST =
      Comparator.<Map.Entry<String, ConfigValue>, Boolean>comparing(
              entry -> !entry.getKey().equals("type"))
          .thenComparing(Map.Entry::getKey);

  /**
   * One setting.
   *
   * @param value text, a number, a truth value, null, or a list of such or of maps to such
   * @param origin where it was written, such as {@code conf/x.conf:12}
   */
  public record Setting(Object value, String origin) {}

  /** Takes an unmodifiable copy. */
  public EffectiveSettings {
    settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
  }

  /** What a section has read so far. */
  static EffectiveSettings of(Section section) {
    SortedMap<String, Setting> settings = new TreeMap<>();
    section
        .effective()
        .forEach((key, value) -> settings.put(key, new Setting(value, section.origin(key))));
    return new EffectiveSettings(settings);
  }

  /** See {@link JobConf#render}. */
  String render() {
    StringBuilder text = new StringBuilder();
    settings.forEach((key, setting) -> text.append(lines(key, setting)));
    return text.toString();
  }

  /** See {@link JobConf#toMap}. */
  Map<String, Object> toMap() {
    Map<String, Object> byKey = new LinkedHashMap<>();
    settings.forEach((key, setting) -> byKey.put(key, setting.value()));
    return ConfigFactory.parseMap(byKey).root().unwrapped();
  }

  /** One line, or for a list of layers one more line per layer. */
  private static String lines(String key, Setting setting) {
    Config config = ConfigValueFactory.fromAnyRef(setting.value()).atKey(VALUE);
    if (!isListOfLayers(config.root().get(VALUE))) {
      String value = config.root().get(VALUE).render(HOCON);
      return "%s = %s  # %s\n".formatted(key, value, setting.origin());
    }
    return config.getObjectList(VALUE).stream()
        .map(layer -> "  " + layer(layer) + "\n")
        .collect(Collectors.joining("", "%s = [  # %s\n".formatted(key, setting.origin()), "]\n"));
  }

  private static boolean isListOfLayers(ConfigValue value) {
    return value instanceof ConfigList list
        && !list.isEmpty()
        && list.get(0).valueType() == ConfigValueType.OBJECT;
  }

  private static String layer(ConfigObject layer) {
    return layer.entrySet().stream()
        .sorted(TYPE_FIRST)
        .map(entry -> entry.getKey() + " = " + entry.getValue().render(HOCON))
        .collect(Collectors.joining(", ", "{ ", " }"));
  }
}
