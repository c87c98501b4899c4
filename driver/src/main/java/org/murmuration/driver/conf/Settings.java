package org.murmuration.driver.conf;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.Optional;

/** Values by key, and where each was written. */
interface Settings {

  /** The value, which may be a HOCON null; empty if the key is absent. */
  Optional<ConfigValue> value(String key);

  /** Where the value was written; of an absent key, where it would belong. */
  String origin(String key);

  /** The settings of an object that is an element of a list. */
  static Settings of(ConfigObject object) {
    return new Settings() {
      @Override
      public Optional<ConfigValue> value(String key) {
        return Optional.ofNullable(object.get(key));
      }

      @Override
      public String origin(String key) {
        return Origins.describe(value(key).orElse(object).origin());
      }
    };
  }
}
