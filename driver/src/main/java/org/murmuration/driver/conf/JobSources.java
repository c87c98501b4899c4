package org.murmuration.driver.conf;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Puts overrides over the job file over {@code reference.conf}, and remembers who said what. */
final class JobSources {
  private static final String REFERENCE = "/reference.conf";

  /** Where the system property user.home, the only one that a job file can use, is found. */
  private static final String USER = "user";

  private JobSources() {}

  /**
   * @throws ConfigurationException if the job file cannot be read or parsed, or a substitution has
   *     no value; other problems are added to {@code problems}
   */
  static JobSettings load(Optional<Path> jobFile, List<String> overrides, Problems problems) {
    Config stated = Overrides.parse(overrides, problems);
    if (jobFile.isPresent()) {
      stated = stated.withFallback(parse(jobFile.get(), problems));
    }
    return resolved(stated, problems);
  }

  /** As {@link #load}, with the text of a job file that is elsewhere. */
  static JobSettings parse(String name, String text, List<String> overrides, Problems problems) {
    var options = StrictIncluder.options().setAllowMissing(false).setOriginDescription(name);
    Config file = parse(name, problems, () -> ConfigFactory.parseString(text, options));
    return resolved(Overrides.parse(overrides, problems).withFallback(file), problems);
  }

  private static JobSettings resolved(Config stated, Problems problems) {
    Map<String, String> origins = new TreeMap<>();
    collectOrigins("", stated.root(), origins);
    Config defaults = resolve(ConfigFactory.empty(), reference());
    try {
      ConfigObject resolved = resolve(stated, defaults).root();
      return JobSettings.checked(resolved, defaults.root(), origins, problems);
    } catch (ConfigException failure) {
      problems.add(Origins.describe(failure, ""));
      throw problems.toException();
    }
  }

  /** {@code reference.conf} as it stands, not yet resolved. */
  static Config reference() {
    URL url = Objects.requireNonNull(JobSources.class.getResource(REFERENCE), REFERENCE);
    return ConfigFactory.parseURL(url);
  }

  private static Config parse(Path file, Problems problems) {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      String fault =
          Files.isReadable(file)
              ? "is not a file"
              : Files.exists(file) ? "may not be read by this user" : "does not exist";
      problems.add("job file %s %s (absolute: %s)".formatted(file, fault, file.toAbsolutePath()));
      throw problems.toException();
    }
    var options = StrictIncluder.options().setAllowMissing(false);
    return parse(file.toString(), problems, () -> ConfigFactory.parseFile(file.toFile(), options));
  }

  private static Config parse(String file, Problems problems, Supplier<Config> parser) {
    try {
      return parser.get();
    } catch (ConfigException.IO unreadable) {
      problems.add(
          "job file %s includes a file that cannot be read: %s"
              .formatted(file, unreadable.getMessage()));
    } catch (ConfigException malformed) {
      problems.add(Origins.describe(malformed, "not valid HOCON: "));
    }
    throw problems.toException();
  }

  private static Config resolve(Config stated, Config reference) {
    Config merged = stated.withFallback(reference);
    // A job file that has such a key itself is to be told that it is unknown.
    return stated.root().containsKey(USER)
        ? merged.resolve()
        : merged
            .withFallback(ConfigFactory.systemProperties().withOnlyPath(USER + ".home"))
            .resolve()
            .withoutPath(USER);
  }

  /**
   * The place of every stated key, taken before substitutions are resolved, as a resolved value
   * says where the text it was replaced by stands.
   */
  private static void collectOrigins(
      String prefix, ConfigObject object, Map<String, String> origins) {
    for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
      String key = prefix + ConfigUtil.joinPath(entry.getKey());
      origins.put(key, Origins.describe(entry.getValue().origin()));
      if (entry.getValue() instanceof ConfigObject child) {
        collectWithin(key, child, origins);
      }
    }
  }

  private static void collectWithin(String key, ConfigObject child, Map<String, String> origins) {
    try {
      collectOrigins(key + ".", child, origins);
    } catch (ConfigException.NotResolved appendsToASubstitution) {
      // An object such as ${train} { epochs = 3 } cannot be looked into before it is resolved. Its
      // values are then attributed to where they themselves say that they were written.
      origins.put(key, Origins.describe(child.origin()));
    }
  }
}
