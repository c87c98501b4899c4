package org.murmuration.driver.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;

/**
 * An executor of the {@link LocalCluster} as the operating system sees it.
 *
 * @param executorId Spark's name for it
 */
public record ExecutorProcess(ProcessHandle handle, String executorId) {
  private static final Pattern EXECUTOR =
      Pattern.compile("CoarseGrainedExecutorBackend.*\0--executor-id\0([^\0]+)\0");

  /** The executors that live now. */
  public static List<ExecutorProcess> all() {
    return ProcessHandle.current()
        .descendants()
        .flatMap(process -> executor(process).stream())
        .toList();
  }

  /** Kills one of those that live now, and says how many that were: 1, or 0 when there is none. */
  public static int killOne(Random random) {
    var executors = all();
    if (executors.isEmpty()) {
      return 0;
    }
    executors.get(random.nextInt(executors.size())).kill();
    return 1;
  }

  /** Ends it as {@code kill -9} does: it can neither finish anything nor say goodbye. */
  public void kill() {
    handle.destroyForcibly();
  }

  /** Stops it in its tracks with all its connections open. */
  public void suspend() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Lets it go on. */
  public void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  /** Tells it to end, as cluster managers do that want its place. */
  public void terminate() throws IOException, InterruptedException {
    signal("TERM");
  }

  /** Tells it to be decommissioned: Spark's own signal. */
  public void decommission() throws IOException, InterruptedException {
    signal("PWR");
  }

  private void signal(String name) throws IOException, InterruptedException {
    var kill = new ProcessBuilder("kill", "-" + name, Long.toString(handle.pid())).start();
    if (kill.waitFor() != 0) {
      throw new IOException(
          "kill -%s %d ended with %d".formatted(name, handle.pid(), kill.exitValue()));
    }
  }

  /** Java itself cuts command lines as long as an executor's, with its class path. */
  private static Optional<ExecutorProcess> executor(ProcessHandle process) {
    try {
      var commandLine = Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
      return EXECUTOR
          .matcher(commandLine)
          .results()
          .findFirst()
          .map(match -> new ExecutorProcess(process, match.group(1)));
    } catch (IOException ended) {
      // In the middle of being read, too.
      return Optional.empty();
    }
  }
}
