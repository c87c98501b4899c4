package org.murmuration.worker.collective;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.murmuration.worker.ChildJvm;
import org.murmuration.worker.collective.ProcessRank.Place;

/** The parent's end of a {@link ProcessRank}; kills it in the end if it hasn't ended. */
final class RankProcess implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Process process;
  private final Place place;
  private final Writer input;
  private final Thread reader;
  private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
  private final List<Long> results = new CopyOnWriteArrayList<>();
  private volatile Failure failure;

  private RankProcess(Process process, Place place) {
    this.process = process;
    this.place = place;
    this.input = new OutputStreamWriter(process.getOutputStream(), UTF_8);
    this.reader = new Thread(this::read, "output of rank " + place.rank());
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts a rank. */
  static RankProcess start(Place place, String task, int... numbers) {
    return start(List.of(), place, task, numbers);
  }

  /**
   * Starts a rank.
   *
   * @param within a command that runs the command which follows it
   */
  static RankProcess start(List<String> within, Place place, String task, int... numbers) {
    List<String> command = new ArrayList<>(within);
    command.addAll(ChildJvm.command(ProcessRank.class));
    command.addAll(place.arguments());
    command.add(task);
    IntStream.of(numbers).mapToObj(Integer::toString).forEach(command::add);
    try {
      return new RankProcess(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start(),
          place);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets all ranks pass their next rendezvous; returns their messages. */
  static List<String> meet(List<RankProcess> ranks) {
    var all = ranks.stream().map(RankProcess::message).toList();
    ranks.forEach(rank -> rank.answer(all));
    return all;
  }

  /** What the rank says at its next rendezvous. */
  String message() {
    try {
      var message = messages.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
      if (message == null) {
        throw new AssertionError(
            "%s has not come to the rendezvous: %s, %s".formatted(this, failure, state()));
      }
      return message;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns when it has come to its rendezvous and waits for the others. */
  void awaitRendezvous() {
    await().atMost(LIMIT).until(() -> !messages.isEmpty());
  }

  /** Tells the rank what all ranks have said. */
  void answer(List<String> all) {
    try {
      for (var message : all) {
        input.write(message + "\n");
      }
      input.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What came out so far. */
  List<Long> results() {
    return List.copyOf(results);
  }

  /** How it failed, if it has. */
  Optional<Failure> failure() {
    return Optional.ofNullable(failure);
  }

  int rank() {
    return place.rank();
  }

  /** Ends it as the kernel does for want of memory. */
  void kill() {
    process.destroyForcibly();
  }

  /** Makes all its threads stand still. */
  void freeze() {
    signal("STOP");
  }

  /** Lets its threads go on. */
  void thaw() {
    signal("CONT");
  }

  /** Whether it ends by itself within the time; then all that it said has been read. */
  boolean endsWithin(Duration time) {
    try {
      var ended = process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
      if (ended) {
        reader.join(LIMIT.toMillis());
      }
      return ended;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** How it ended, or what its threads do. */
  private String state() throws InterruptedException {
    if (!process.isAlive()) {
      return "ended with exit code " + process.exitValue();
    }
    var jstack = Path.of(System.getProperty("java.home"), "bin", "jstack").toString();
    try {
      var stacks =
          new ProcessBuilder(jstack, Long.toString(process.pid()))
              .redirectErrorStream(true)
              .start();
      return new String(stacks.getInputStream().readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void signal(String name) {
    try {
      var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
      if (kill.waitFor() != 0) {
        throw new AssertionError("no signal " + name + " for " + this);
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void read() {
    try (var output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (var line = output.readLine(); line != null; line = output.readLine()) {
        take(line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the output of " + this + " can't be read", e);
    }
  }

  private void take(String line) {
    if (line.startsWith(ProcessRank.GATHER)) {
      messages.add(line.substring(ProcessRank.GATHER.length()));
    } else if (line.startsWith(ProcessRank.RESULT)) {
      results.add(Long.parseLong(line.substring(ProcessRank.RESULT.length())));
    } else if (line.startsWith(ProcessRank.FAILED)) {
      failure = new Failure(line.substring(ProcessRank.FAILED.length()), System.nanoTime());
    } else {
      throw new AssertionError(this + " said " + line);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    if (!endsWithin(LIMIT)) {
      throw new AssertionError(this + " can't be killed");
    }
  }

  @Override
  public String toString() {
    return "process %d of rank %d".formatted(process.pid(), place.rank());
  }
}
