package org.murmuration.driver.spark;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A standalone cluster of this host: a master and workers of one core, in processes of their own.
 */
public final class StandaloneCluster implements AutoCloseable {
  private static final String ADDRESS = "127.0.0.1";

  private final String master;
  private final List<Process> processes = new ArrayList<>();

  /**
   * Starts one.
   *
   * @param folder for logs and the workers' files
   */
  public StandaloneCluster(Path folder, int workers) throws IOException {
    var port = freePort();
    master = "spark://%s:%d".formatted(ADDRESS, port);
    var log = folder.resolve("master.log");
    start(log, "master.Master", "--port", Integer.toString(port));
    await().atMost(Duration.ofSeconds(60)).until(() -> lines(log, "Starting Spark master at") == 1);
    for (int worker = 0; worker < workers; worker++) {
      start(
          folder.resolve("worker-%d.log".formatted(worker)),
          "worker.Worker",
          "--cores",
          "1",
          "--memory",
          "1g",
          "--work-dir",
          folder.resolve("work-" + worker).toString(),
          master);
    }
    await().atMost(Duration.ofSeconds(60)).until(() -> lines(log, "Registering worker") == workers);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void start(Path log, String name, String... arguments) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(LocalCluster.openings().toList());
    line.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-cp", LocalCluster.classPath()));
    line.addAll(List.of("-Dlog4j2.level=info", "org.apache.spark.deploy." + name));
    line.addAll(List.of("--host", ADDRESS, "--webui-port", "0"));
    line.addAll(List.of(arguments));
    processes.add(
        new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log.toFile()).start());
  }

  private static long lines(Path log, String text) {
    try (var lines = Files.lines(log)) {
      return lines.filter(line -> line.contains(text)).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The settings of jobs on it. */
  public LocalCluster settings() {
    return new LocalCluster(master).with("spark.executor.memory", "1g");
  }

  @Override
  public void close() {
    processes.forEach(process -> process.descendants().forEach(ProcessHandle::destroyForcibly));
    processes.forEach(Process::destroyForcibly);
  }
}
