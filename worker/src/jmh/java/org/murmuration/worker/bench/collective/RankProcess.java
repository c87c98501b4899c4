package org.murmuration.worker.bench.collective;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.murmuration.worker.bench.collective.Exchange.Operation;

/** The process of one rank of one contender, which takes part in all sizes. */
final class RankProcess {
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private static final int FIRST_WORD_OF_EFFORT = 4;
  private static final int FIRST_SIZE = FIRST_WORD_OF_EFFORT + Effort.FULL.words().size();
  private static final double NANOS_PER_MILLI = 1e6;

  private final ParentRendezvous rendezvous;
  private final Effort effort;

  private RankProcess(ParentRendezvous rendezvous, Effort effort) {
    this.rendezvous = rendezvous;
    this.effort = effort;
  }

  /** What the process is started with. */
  static List<String> arguments(
      Contender contender,
      int rank,
      int worldSize,
      Path directory,
      Effort effort,
      List<Integer> sizes) {
    return Stream.of(
            Stream.of(
                contender.name(),
                String.valueOf(rank),
                String.valueOf(worldSize),
                directory.toString()),
            effort.words().stream(),
            sizes.stream().map(String::valueOf))
        .flatMap(words -> words)
        .toList();
  }

  public static void main(String[] arguments) {
    var words = List.of(arguments);
    var rendezvous =
        new ParentRendezvous(Integer.parseInt(words.get(1)), Integer.parseInt(words.get(2)));
    var rank =
        new RankProcess(rendezvous, Effort.of(words.subList(FIRST_WORD_OF_EFFORT, FIRST_SIZE)));
    var sizes = words.subList(FIRST_SIZE, words.size()).stream().map(Integer::valueOf).toList();
    try (var exchange = Contender.valueOf(words.get(0)).join(rendezvous, Path.of(words.get(3)))) {
      rank.warmUp(exchange.operation(Effort.COLD_BYTES), rank.effort.coldMillis());
      for (var bytes : sizes) {
        rank.measure(exchange.operation(bytes), bytes);
      }
      // Who leaves early takes along what the others still wait for.
      rendezvous.allGather("done");
    }
  }

  private void measure(Operation operation, int bytes) {
    operation.verify();
    var count = effort.operations(warmUp(operation, effort.warmMillis()));
    List<Long> ends = new ArrayList<>(count + 1);
    // Doesn't count either: the ranks come from the rendezvous one after the other.
    operation.run();
    var cpu = PROCESS.getProcessCpuTime();
    ends.add(System.nanoTime());
    for (int i = 0; i < count; i++) {
      operation.run();
      ends.add(System.nanoTime());
    }
    rendezvous.report(new RankReport(bytes, PROCESS.getProcessCpuTime() - cpu, ends));
  }

  /**
   * Runs operations that don't count. The ranks agree on how many, since all take part in each.
   *
   * @return what one takes where nothing disturbs, in nanoseconds; the same number at all ranks
   */
  private double warmUp(Operation operation, int millis) {
    double left = millis * NANOS_PER_MILLI;
    double least = Double.MAX_VALUE;
    int count = 1;
    while (left > 0) {
      var took = slowest(nanosOf(operation, count));
      var each = took / count;
      least = Math.min(least, each);
      left -= took;
      count = (int) Math.max(1, Math.min(2.0 * count, left / each));
    }
    return least;
  }

  private static long nanosOf(Operation operation, int count) {
    var start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      operation.run();
    }
    return System.nanoTime() - start;
  }

  private double slowest(long nanos) {
    return rendezvous.allGather(String.valueOf(nanos)).stream()
        .mapToLong(Long::parseLong)
        .max()
        .orElseThrow();
  }
}
