package org.murmuration.driver.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What spark-submit and the launcher would tell Spark, for the tests of one class: every context
 * that they start, whoever starts it, runs on this cluster. The settings that were there before
 * come back afterwards.
 */
public final class LocalCluster implements BeforeAllCallback, AfterAllCallback {
  private final Map<String, String> settings = new TreeMap<>();
  private final Map<String, Optional<String>> before = new TreeMap<>();

  LocalCluster(String master) {
    with("spark.master", master)
        .with("spark.ui.enabled", "false")
        .with("spark.executor.extraClassPath", classPath())
        .with("spark.executor.extraJavaOptions", javaOptions());
  }

  /** Two executors in processes of their own, with one task slot each. */
  public static LocalCluster ofTwoExecutors() {
    return new LocalCluster("local-cluster[2,1,1024]");
  }

  /** Two task slots in this process: quick to start, for jobs that end before a rank begins. */
  public static LocalCluster ofThisProcess() {
    return new LocalCluster("local[2]");
  }

  /** The same with one more setting, as {@code --conf} gives it. */
  public LocalCluster with(String key, String value) {
    settings.put(key, value);
    return this;
  }

  /** The same with one more option of its executors' Java. */
  public LocalCluster withJavaOption(String option) {
    var key = "spark.executor.extraJavaOptions";
    return with(key, settings.get(key) + " " + option);
  }

  /** Executors of one task slot each, in processes of their own. */
  public static LocalCluster of(int executors) {
    return new LocalCluster("local-cluster[%d,1,1024]".formatted(executors));
  }

  /** What a process gets that starts a context of its own. */
  public List<String> javaOptions(String... more) {
    return Stream.of(
            openings(),
            settings.entrySet().stream()
                .map(setting -> "-D%s=%s".formatted(setting.getKey(), setting.getValue())),
            Stream.of(more))
        .flatMap(options -> options)
        .toList();
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    begin();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    end();
  }

  /** Does something whose contexts run on this cluster. */
  public <T> T during(Callable<T> action) throws Exception {
    begin();
    try {
      return action.call();
    } finally {
      end();
    }
  }

  private void begin() {
    settings.forEach(
        (key, value) -> before.put(key, Optional.ofNullable(System.setProperty(key, value))));
  }

  private void end() {
    before.forEach(
        (key, value) ->
            value.ifPresentOrElse(
                old -> System.setProperty(key, old), () -> System.clearProperty(key)));
  }

  /** Surefire hides the class path in the manifest of a jar and tells it here. */
  public static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /**
   * Executors open what this process opens, and compute with the binary that the launcher takes.
   * Their lives are short, so they are spared the second compiler.
   */
  private static String javaOptions() {
    var others =
        Stream.of(
            "-Dorg.bytedeco.javacpp.platform.extension=" + processorExtension(),
            "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC");
    return Stream.concat(openings(), others).collect(Collectors.joining(" "));
  }

  static Stream<String> openings() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens"));
  }

  private static String processorExtension() {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      var flags = lines.filter(line -> line.startsWith("flags")).findFirst().orElse("") + " ";
      if (flags.contains(" avx512f ")) {
        return "-onednn-avx512";
      }
      return flags.contains(" avx2 ") ? "-onednn-avx2" : "";
    } catch (IOException e) {
      throw new UncheckedIOException("the processor's flags can't be read", e);
    }
  }
}
