package org.murmuration.worker.bench.collective;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.agrona.IoUtil;

/** The processes of one contender's ranks, and where they meet. */
final class World implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration FAREWELL = Duration.ofSeconds(5);
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");
  private static final long ROOM_NEEDED = 2L << 30;

  private final List<Process> processes = new ArrayList<>();
  private final BlockingQueue<Line> lines = new LinkedBlockingQueue<>();
  private final Map<Integer, String> messages = new TreeMap<>();
  private final Map<Integer, List<RankReport>> reports = new LinkedHashMap<>();
  private final Thread interrupted = new Thread(this::destroy, "end the ranks");
  private final Path directory;
  private final Path log;

  /**
   * What came out.
   *
   * @param samples by size, of the sizes that all ranks got through
   * @param failure why there are no more, if a rank failed or said nothing for too long
   */
  record Outcome(Map<Integer, Samples> samples, Optional<String> failure) {}

  /** What a rank said; nothing when it has ended. */
  private record Line(int rank, Optional<String> text) {}

  private World(Path log) throws IOException {
    this.log = log;
    // First, since it fails when this process is being ended.
    Runtime.getRuntime().addShutdownHook(interrupted);
    this.directory = Files.createTempDirectory(parent(), "murmuration-bench-");
  }

  /**
   * Measures a contender with as many ranks for all sizes, in the order given.
   *
   * @param build the folder of what was built, with the libraries that a contender has for itself
   * @param log where everything goes that the ranks print
   * @throws IOException if the ranks can't be started
   */
  static Outcome measure(
      Contender contender, int ranks, List<Integer> sizes, Effort effort, Path build, Path log)
      throws IOException, InterruptedException {
    Files.deleteIfExists(log);
    try (var world = new World(log)) {
      for (int rank = 0; rank < ranks; rank++) {
        world.start(
            rank,
            contender.javaOptions(build, world.directory, rank),
            RankProcess.arguments(contender, rank, ranks, world.directory, effort, sizes));
      }
      return world.outcome();
    }
  }

  private Outcome outcome() throws InterruptedException {
    Optional<String> failure = Optional.empty();
    try {
      serve();
    } catch (IOException e) {
      failure = Optional.of(e.getMessage());
    }
    Map<Integer, Samples> samples = new LinkedHashMap<>();
    reports.forEach(
        (bytes, ofRanks) -> {
          if (ofRanks.size() == processes.size()) {
            samples.put(bytes, Samples.of(ofRanks));
          }
        });
    return new Outcome(samples, failure);
  }

  /** Where a job has its buffers too: in shared memory, if there is room. */
  private static Path parent() throws IOException {
    return Files.isWritable(SHARED_MEMORY)
            && Files.getFileStore(SHARED_MEMORY).getUsableSpace() >= ROOM_NEEDED
        ? SHARED_MEMORY
        : Path.of(System.getProperty("java.io.tmpdir"));
  }

  private void start(int rank, List<String> javaOptions, List<String> arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:MaxDirectMemorySize=8g",
                "-XX:+UseSerialGC",
                // Agrona's buffers.
                "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"));
    command.addAll(javaOptions);
    command.add(RankProcess.class.getName());
    command.addAll(arguments);
    var process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    processes.add(process);
    var listener = new Thread(() -> listen(rank, process), "rank " + rank);
    listener.setDaemon(true);
    listener.start();
  }

  private void listen(int rank, Process process) {
    try (var output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (var line = output.readLine(); line != null; line = output.readLine()) {
        lines.add(new Line(rank, Optional.of(line)));
      }
    } catch (IOException e) {
      lines.add(new Line(rank, Optional.of("its output can't be read any more: " + e)));
    }
    lines.add(new Line(rank, Optional.empty()));
  }

  private void serve() throws IOException, InterruptedException {
    int running = processes.size();
    while (running > 0) {
      var line = lines.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (line == null) {
        throw new IOException(
            "none of %d ranks said anything for %d s; %d have given %s of what is awaited from all"
                .formatted(
                    processes.size(), PATIENCE.toSeconds(), messages.size(), messages.keySet()));
      }
      if (line.text().isPresent()) {
        hear(line.rank(), line.text().get());
      } else {
        requireSuccess(line.rank());
        running--;
      }
    }
  }

  private void hear(int rank, String text) throws IOException {
    if (text.startsWith(ParentRendezvous.GATHER)) {
      messages.put(rank, text.substring(ParentRendezvous.GATHER.length()));
      if (messages.size() == processes.size()) {
        passOn();
      }
    } else if (text.startsWith(ParentRendezvous.REPORT)) {
      var report = RankReport.of(text.substring(ParentRendezvous.REPORT.length()));
      reports.computeIfAbsent(report.bytes(), bytes -> new ArrayList<>()).add(report);
    } else {
      Files.writeString(log, text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  /** Gives the messages of all ranks to all ranks, in their order. */
  private void passOn() throws IOException {
    var all = String.join("\n", messages.values()) + "\n";
    messages.clear();
    for (var process : processes) {
      process.getOutputStream().write(all.getBytes(UTF_8));
      process.getOutputStream().flush();
    }
  }

  private void requireSuccess(int rank) throws IOException, InterruptedException {
    var process = processes.get(rank);
    if (!process.waitFor(FAREWELL.toSeconds(), TimeUnit.SECONDS)) {
      throw new IOException("rank %d closed its output and did not end".formatted(rank));
    }
    if (process.exitValue() != 0) {
      throw new IOException("rank %d ended with %d".formatted(rank, process.exitValue()));
    }
  }

  /** Ends what still runs, and removes what it had in memory. */
  @Override
  public void close() {
    destroy();
    Runtime.getRuntime().removeShutdownHook(interrupted);
  }

  private void destroy() {
    processes.forEach(Process::destroyForcibly);
    processes.forEach(
        process -> process.onExit().orTimeout(FAREWELL.toSeconds(), TimeUnit.SECONDS).join());
    IoUtil.delete(directory.toFile(), true);
  }
}
