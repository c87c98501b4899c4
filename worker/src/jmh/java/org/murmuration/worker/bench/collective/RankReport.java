package org.murmuration.worker.bench.collective;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What a rank saw of operations that it ran back to back.
 *
 * @param bytes of the vector
 * @param cpuNanos the processor time of the whole process meanwhile, in nanoseconds
 * @param ends when the operation before the first one ended and when each of them did, in
 *     nanoseconds of this process's clock
 */
record RankReport(int bytes, long cpuNanos, List<Long> ends) {

  /** As one line. */
  String line() {
    return Stream.concat(LongStream.of(bytes, cpuNanos).boxed(), ends.stream())
        .map(String::valueOf)
        .collect(Collectors.joining(" "));
  }

  /** From {@link #line()}. */
  static RankReport of(String line) {
    var numbers = Arrays.stream(line.split(" ")).map(Long::valueOf).toList();
    return new RankReport(
        Math.toIntExact(numbers.get(0)), numbers.get(1), numbers.subList(2, numbers.size()));
  }
}
