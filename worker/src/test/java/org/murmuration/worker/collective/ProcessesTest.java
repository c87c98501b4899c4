package org.murmuration.worker.collective;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The collective between ranks that are processes of their own. */
class ProcessesTest {
  private static final int[] SIZES = {0, 1, 4, 100, 1000, 10_000, 1_000_003};

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  @Timeout(120)
  void shouldSumAcrossProcesses(int worldSize) throws IOException {
    List<Process> processes = new ArrayList<>();
    try {
      for (int rank = 0; rank < worldSize; rank++) {
        processes.add(start(rank, worldSize));
      }
      var expected = Arrays.stream(SIZES).mapToObj(size -> expectedSum(worldSize, size)).toList();
      assertThat(serveRendezvous(processes))
          .hasSize(worldSize)
          .allSatisfy(results -> assertThat(results).isEqualTo(expected));
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
  }

  /** The sum over i of P (i mod 89) + P(P-1)/2. */
  private static long expectedSum(int worldSize, int size) {
    long whole = size / 89;
    long rest = size % 89;
    long remainders = whole * (88 * 89 / 2) + rest * (rest - 1) / 2;
    return worldSize * remainders + (long) size * worldSize * (worldSize - 1) / 2;
  }

  /** Passes messages between the ranks until all have ended; returns their results. */
  private static List<List<Long>> serveRendezvous(List<Process> processes) throws IOException {
    List<BufferedReader> outputs = new ArrayList<>();
    List<Writer> inputs = new ArrayList<>();
    List<List<Long>> results = new ArrayList<>();
    for (var process : processes) {
      outputs.add(new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8)));
      inputs.add(new OutputStreamWriter(process.getOutputStream(), UTF_8));
      results.add(new ArrayList<>());
    }
    while (true) {
      List<String> messages = new ArrayList<>();
      for (int rank = 0; rank < processes.size(); rank++) {
        nextMessage(outputs.get(rank), results.get(rank), messages);
      }
      if (messages.size() < processes.size()) {
        return results;
      }
      for (var input : inputs) {
        for (var message : messages) {
          input.write(message + "\n");
        }
        input.flush();
      }
    }
  }

  private static void nextMessage(BufferedReader output, List<Long> results, List<String> messages)
      throws IOException {
    for (var line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(ProcessRank.GATHER)) {
        messages.add(line.substring(ProcessRank.GATHER.length()));
        return;
      }
      if (line.startsWith(ProcessRank.RESULT)) {
        results.add(Long.parseLong(line.substring(ProcessRank.RESULT.length())));
      }
    }
  }

  private static Process start(int rank, int worldSize) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            ProcessRank.class.getName(),
            Integer.toString(rank),
            Integer.toString(worldSize)));
    IntStream.of(SIZES).mapToObj(Integer::toString).forEach(command::add);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
