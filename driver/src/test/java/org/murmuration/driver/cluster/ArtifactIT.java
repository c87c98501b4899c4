package org.murmuration.driver.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The one jar that is submitted, beside a plain Spark. */
@Timeout(120)
class ArtifactIT {
  private static final long MOST_BYTES = 250_000_000;
  private static final Duration LIMIT = Duration.ofSeconds(100);

  @TempDir private Path folder;

  @Test
  void shouldHaveNoClassThatSparkHas() throws IOException {
    Map<String, Set<String>> twice = new TreeMap<>();
    var ours = classes(Submission.ARTIFACT);
    assertThat(ours).contains("org/murmuration/driver/Main.class", "picocli/CommandLine.class");
    try (var jars = Files.list(Submission.SPARK.resolve("jars"))) {
      for (var jar : jars.filter(path -> path.toString().endsWith(".jar")).toList()) {
        for (var name : classes(jar)) {
          if (ours.contains(name)) {
            twice.computeIfAbsent(name, key -> new TreeSet<>()).add(jar.getFileName().toString());
          }
        }
      }
    }
    assertThat(twice).isEmpty();
  }

  @Test
  void shouldBringNoOtherPlatformsLibrariesAndStaySmall() throws IOException {
    try (var jar = new JarFile(Submission.ARTIFACT.toFile())) {
      var libraries =
          jar.stream()
              .map(Object::toString)
              .filter(name -> name.matches(".*\\.(so[.0-9]*|a|dll|dylib|jnilib)"))
              .toList();
      assertThat(libraries)
          .isNotEmpty()
          .allMatch(name -> name.contains("/linux-x86_64") || name.contains("/linux-x86-64/"));
    }
    assertThat(Files.size(Submission.ARTIFACT)).isLessThan(MOST_BYTES);
  }

  /** Two executors in processes of their own, which get everything from the artifact. */
  @Test
  void shouldTrainOnAPlainSparkWithoutTheLauncher() throws Exception {
    var options =
        List.of("--master", "local-cluster[2,1,1024]", "--conf", "spark.ui.enabled=false");
    var job =
        List.of("train", "--set", "train.epochs=2", "--out", folder.resolve("run").toString());
    // Executors of a local cluster leave their copies of the artifact in their home.
    var home = Files.createDirectory(folder.resolve("home"));
    Files.createSymbolicLink(home.resolve("jars"), Submission.SPARK.resolve("jars"));
    var environment = Map.of("SPARK_LOCAL_IP", "127.0.0.1", "SPARK_HOME", home.toString());
    try (var submission =
        Submission.bySpark(folder, List.of(), environment, Submission.line(options, job))) {
      assertThat(submission.awaitEnd(LIMIT)).as(submission.err()).isZero();
      assertThat(submission.out()).contains("the same on all 2 ranks");
    }
    assertThat(folder.resolve("run/model.zip")).exists();
  }

  /**
   * In one process the JVM that runs already must be open to Aeron; spark-submit says nothing of
   * it.
   */
  @Test
  void shouldSayWhatALocalMasterLacks() throws Exception {
    var options = List.of("--master", "local[2]");
    var job =
        List.of("train", "--set", "train.epochs=1", "--out", folder.resolve("run").toString());
    try (var submission =
        Submission.bySpark(folder, List.of(), Map.of(), Submission.line(options, job))) {
      assertThat(submission.awaitEnd(LIMIT)).isEqualTo(1);
      assertThat(submission.err())
          .contains("--driver-java-options --add-opens=java.base/jdk.internal.misc=ALL-UNNAMED");
    }
  }

  private static Set<String> classes(Path jar) throws IOException {
    try (var file = new JarFile(jar.toFile())) {
      var names = new TreeSet<String>();
      file.stream()
          .map(entry -> entry.getName().replaceFirst("^META-INF/versions/\\d+/", ""))
          .filter(name -> name.endsWith(".class") && !name.equals("module-info.class"))
          .forEach(names::add);
      return names;
    }
  }
}
