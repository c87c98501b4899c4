package org.murmuration.worker.bench.collective;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.murmuration.worker.bench.Median;

/**
 * What operations of one kind took.
 *
 * @param nanos of each operation
 * @param cpuNanos the processor time of all ranks together in all operations, in nanoseconds
 */
record Samples(List<Long> nanos, long cpuNanos) {

  /**
   * An operation takes as long as the slowest rank spends in it, from the end of the one before. A
   * rank that comes late finds what it waits for already there, and its time would be too short.
   */
  static Samples of(List<RankReport> ranks) {
    var operations = ranks.get(0).ends().size() - 1;
    List<Long> nanos = new ArrayList<>();
    for (int i = 1; i <= operations; i++) {
      nanos.add(slowest(ranks, i));
    }
    return new Samples(nanos, ranks.stream().mapToLong(RankReport::cpuNanos).sum());
  }

  private static long slowest(List<RankReport> ranks, int operation) {
    return ranks.stream()
        .mapToLong(rank -> rank.ends().get(operation) - rank.ends().get(operation - 1))
        .max()
        .orElseThrow();
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
    return Median.of(nanos.stream().mapToDouble(Long::doubleValue));
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
