package org.murmuration.worker.bench.collective;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * What operations of one kind took.
 *
 * @param nanos of each operation
 * @param cpuNanos the processor time of all ranks together in all operations, in nanoseconds
 */
record Samples(List<Long> nanos, long cpuNanos) {

  /**
   * An operation has ended when its last rank has, and takes the time since the one before ended.
   * So the times add up to the whole time, whichever rank is ahead.
   */
  static Samples of(List<RankReport> ranks) {
    var operations = ranks.get(0).ends().size() - 1;
    List<Long> nanos = new ArrayList<>();
    for (int i = 1; i <= operations; i++) {
      nanos.add(end(ranks, i) - end(ranks, i - 1));
    }
    return new Samples(nanos, ranks.stream().mapToLong(RankReport::cpuNanos).sum());
  }

  private static long end(List<RankReport> ranks, int operation) {
    return ranks.stream().mapToLong(rank -> rank.ends().get(operation)).max().orElseThrow();
  }

  /** These and those of another round. */
  Samples and(Samples more) {
    return new Samples(
        LongStream.concat(
                nanos.stream().mapToLong(Long::longValue),
                more.nanos.stream().mapToLong(Long::longValue))
            .boxed()
            .toList(),
        cpuNanos + more.cpuNanos);
  }

  /** The median, in nanoseconds. */
  double median() {
    var sorted = nanos.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2.0;
  }

  /** The shortest, in nanoseconds. */
  double best() {
    return nanos.stream().mapToDouble(Long::doubleValue).min().orElseThrow();
  }

  /** Processor time of all ranks for one operation, in nanoseconds. */
  double cpuNanosPerOperation() {
    return (double) cpuNanos / nanos.size();
  }
}
