package org.murmuration.driver.recovery;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.murmuration.driver.Main;
import org.murmuration.driver.spark.LocalCluster;

/** A command in a process of its own, whose driver can be told to stop, or killed. */
final class DriverProcess implements AutoCloseable {
  private final Process process;
  private final Path out;
  private final Path err;

  private DriverProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * Starts it.
   *
   * @param logs the folder for what it prints
   */
  static DriverProcess start(Path logs, LocalCluster cluster, String... arguments)
      throws IOException {
    return start(List.of(), logs, cluster, arguments);
  }

  /**
   * Starts it.
   *
   * @param within a command that runs the command which follows it
   * @param logs the folder for what it prints
   */
  static DriverProcess start(
      List<String> within, Path logs, LocalCluster cluster, String... arguments)
      throws IOException {
    var out = Files.createTempFile(logs, "out", ".txt");
    var err = Files.createTempFile(logs, "err", ".txt");
    List<String> line = new ArrayList<>(within);
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(cluster.javaOptions("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    line.addAll(List.of("-cp", LocalCluster.classPath(), Main.class.getName()));
    line.addAll(List.of(arguments));
    var process =
        new ProcessBuilder(line).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    return new DriverProcess(process, out, err);
  }

  /** What it has printed so far. */
  String out() {
    return read(out.toFile());
  }

  String err() {
    return read(err.toFile());
  }

  private static String read(File file) {
    try {
      return Files.readString(file.toPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Its executors. */
  List<ProcessHandle> descendants() {
    return process.descendants().toList();
  }

  /** Tells it to end, as Ctrl-C and cluster managers do. */
  void terminate() {
    process.destroy();
  }

  /** Ends it as {@code kill -9} does. */
  void kill() {
    process.destroyForcibly();
  }

  /**
   * Waits for its end.
   *
   * @return the exit code; 128 and the number of the signal that ended it
   */
  int awaitEnd(Duration limit) throws InterruptedException, TimeoutException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new TimeoutException("no end within " + limit + ":\n" + out() + err());
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
