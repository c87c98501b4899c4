package org.murmuration.driver.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A process that submits a job as a person does: by a script of deploy/, or by Spark's own
 * spark-submit with nothing but the artifact.
 */
final class Submission implements AutoCloseable {
  static final Path ARTIFACT = Path.of(System.getProperty("murmuration.artifact"));

  /** A plain Spark: what the launcher runs on where there is no other. */
  static final Path SPARK = Path.of(System.getProperty("murmuration.spark"));

  static final Path DEPLOY = SPARK.resolve("../..").normalize();

  private static final String MAIN = "org.murmuration.driver.Main";

  private final Process process;
  private final Path out;
  private final Path err;

  private Submission(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * Runs Spark's own program for submissions, which is what the script spark-submit starts.
   *
   * @param classPath folders that come before Spark's jars
   */
  static Submission bySpark(
      Path folder, List<Path> classPath, Map<String, String> environment, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // What spark-submit's script adds on Java 17.
    command.addAll(
        List.of(
            org.apache.spark.launcher.JavaModuleOptions.defaultModuleOptions().trim().split(" +")));
    var path = new StringBuilder();
    classPath.forEach(entry -> path.append(entry).append(':'));
    command.addAll(
        List.of("-cp", path + SPARK.toString() + "/jars/*", "org.apache.spark.deploy.SparkSubmit"));
    command.addAll(arguments);
    return start(folder, environment, command);
  }

  /** The options of spark-submit, then what names the artifact, then the job's own arguments. */
  static List<String> line(List<String> options, List<String> job) {
    List<String> line = new ArrayList<>(options);
    line.addAll(List.of("--class", MAIN, ARTIFACT.toString()));
    line.addAll(job);
    return line;
  }

  /** Runs a script of deploy/. */
  static Submission byScript(
      Path folder, String script, Map<String, String> environment, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(DEPLOY.resolve(script).toString()));
    command.addAll(arguments);
    return start(folder, environment, command);
  }

  private static Submission start(
      Path folder, Map<String, String> environment, List<String> command) throws IOException {
    var out = Files.createTempFile(folder, "submission", ".out");
    var err = Files.createTempFile(folder, "submission", ".err");
    var builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().remove("SPARK_HOME");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("SPARK_SCALA_VERSION", "2.12");
    builder.environment().put("MURMURATION_BUILD", "never");
    builder.environment().putAll(environment);
    return new Submission(builder.start(), out, err);
  }

  /** What it has printed so far. */
  String out() {
    return read(out);
  }

  /** What it has said of itself so far: Spark's log. */
  String err() {
    return read(err);
  }

  boolean isDone() {
    return !process.isAlive();
  }

  /**
   * Waits for its end.
   *
   * @return the exit code
   * @throws TimeoutException when it takes longer; the message says what it has printed
   */
  int awaitEnd(Duration limit) throws InterruptedException, TimeoutException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new TimeoutException("not done within " + limit + "\n" + out() + "\n" + err());
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
