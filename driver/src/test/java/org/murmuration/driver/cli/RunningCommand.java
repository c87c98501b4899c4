package org.murmuration.driver.cli;

import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.murmuration.driver.spark.ExecutorProcess;
import org.murmuration.driver.spark.NativeLibraries;

/**
 * A command as a person starts it, in a thread of its own, with what it prints. One at a time: its
 * output is the process's own.
 */
public final class RunningCommand implements AutoCloseable {

  /** What a command came to. */
  public record Outcome(int exitCode, String out, String err) {}

  private final PrintStream outBefore = System.out;
  private final PrintStream errBefore = System.err;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final FutureTask<Integer> exitCode;

  private RunningCommand(String... arguments) {
    // As Main does.
    NativeLibraries.configureThisProcess();
    exitCode = new FutureTask<>(() -> Murmuration.run(arguments));
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    new Thread(exitCode, "command " + String.join(" ", arguments)).start();
  }

  /** Starts a command. */
  public static RunningCommand start(String... arguments) {
    return new RunningCommand(arguments);
  }

  /** Runs a command to its end. */
  public static Outcome run(Duration limit, String... arguments) throws Exception {
    try (var command = start(arguments)) {
      return command.awaitEnd(limit);
    }
  }

  /** A command line; words with an equals sign are settings, the others options. */
  public static String[] line(String command, Path out, String... words) {
    List<String> line = new ArrayList<>(List.of(command, "--out", out.toString()));
    for (var word : words) {
      if (word.contains("=")) {
        line.add("--set");
      }
      line.add(word);
    }
    return line.toArray(String[]::new);
  }

  /** What it has printed so far. */
  public String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Whether it has ended. */
  public boolean isDone() {
    return exitCode.isDone();
  }

  /**
   * Waits for its end.
   *
   * @throws TimeoutException when it takes longer; the message says what it has printed
   */
  public Outcome awaitEnd(Duration limit)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      var code = exitCode.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return new Outcome(code, out(), err.toString(StandardCharsets.UTF_8));
    } catch (TimeoutException e) {
      throw new TimeoutException(
          "the command did not end within " + limit + "; it printed\n" + out() + "\n" + err);
    }
  }

  /** Gives the output back. A command that still runs loses its executors, so that it ends. */
  @Override
  public void close() {
    try {
      if (!exitCode.isDone()) {
        ExecutorProcess.all().forEach(ExecutorProcess::kill);
        await().atMost(Duration.ofMinutes(1)).until(exitCode::isDone);
      }
    } finally {
      System.setOut(outBefore);
      System.setErr(errBefore);
    }
  }
}
