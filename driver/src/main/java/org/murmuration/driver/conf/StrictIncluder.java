package org.murmuration.driver.conf;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import java.io.File;

/** Refuses an included file that does not exist; HOCON on its own passes over it in silence. */
final class StrictIncluder implements ConfigIncluder, ConfigIncluderFile {
  private final ConfigIncluder library;

  private StrictIncluder(ConfigIncluder library) {
    this.library = library;
  }

  /** Options that parse with this includer; the library hands it its own before any include. */
  static ConfigParseOptions options() {
    return ConfigParseOptions.defaults().setIncluder(new StrictIncluder(null));
  }

  @Override
  public ConfigIncluder withFallback(ConfigIncluder fallback) {
    return new StrictIncluder(fallback);
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    return library.include(strict(context), what);
  }

  @Override
  public ConfigObject includeFile(ConfigIncludeContext context, File what) {
    return ConfigFactory.parseFile(what, strict(context).parseOptions()).root();
  }

  private static ConfigIncludeContext strict(ConfigIncludeContext context) {
    return context.setParseOptions(context.parseOptions().setAllowMissing(false));
  }
}
