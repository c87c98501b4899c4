package org.murmuration.worker.bench.collective;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.murmuration.worker.bench.MarkdownTable;

/** What all contenders did, as a table. */
final class Results {
  private static final String NONE = "-";

  /** A process's time is counted in ticks of 10 ms, so less is no number. */
  private static final long LEAST_CPU_NANOS = 100_000_000;

  private static final double NANOS_PER_MICRO = 1e3;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double GIB = 1 << 30;

  private final Map<Place, Samples> samples = new HashMap<>();

  /** A row of the table. */
  record Place(int ranks, int bytes, Contender contender) {}

  /** Adds what was measured in a round. */
  void add(Place place, Samples more) {
    samples.merge(place, more, Samples::and);
  }

  /** The table, with a row for each contender in each cell; one that failed has an empty row. */
  MarkdownTable table(List<Integer> ranks, List<Integer> sizes, List<Contender> contenders) {
    var table =
        new MarkdownTable(
            List.of(
                "ranks",
                "vector",
                "contender",
                "n",
                "median",
                "best",
                "times " + Contender.REFERENCE.option(),
                "GB/s",
                "bus GB/s",
                "CPU s/GiB"));
    for (var count : ranks) {
      for (var bytes : sizes) {
        for (var contender : contenders) {
          table.add(row(new Place(count, bytes, contender)));
        }
      }
    }
    return table;
  }

  private List<String> row(Place place) {
    var found = Optional.ofNullable(samples.get(place));
    return List.of(
        String.valueOf(place.ranks),
        ByteSize.text(place.bytes),
        place.contender.option(),
        found.map(taken -> String.valueOf(taken.nanos().size())).orElse("failed"),
        found.map(taken -> time(taken.median())).orElse(NONE),
        found.map(taken -> time(taken.best())).orElse(NONE),
        found.flatMap(taken -> ratio(place, taken)).orElse(NONE),
        found.map(taken -> digits(bandwidth(place, taken))).orElse(NONE),
        found
            .filter(taken -> place.contender.isCollective())
            .map(taken -> digits(bandwidth(place, taken) * busFactor(place.ranks)))
            .orElse(NONE),
        found
            .filter(taken -> taken.cpuNanos() >= LEAST_CPU_NANOS)
            .map(taken -> digits(cpuSeconds(taken) / (place.bytes / GIB)))
            .orElse(NONE));
  }

  /** How many times longer than the reference it takes. */
  private Optional<String> ratio(Place place, Samples taken) {
    return Optional.ofNullable(
            samples.get(new Place(place.ranks, place.bytes, Contender.REFERENCE)))
        .map(reference -> digits(taken.median() / reference.median()));
  }

  /** Bytes of the vector per nanosecond, which are GB/s. */
  private static double bandwidth(Place place, Samples taken) {
    return place.bytes / taken.median();
  }

  /** The bytes that an all-reduce must move for each byte of the vector, as nccl-tests count. */
  private static double busFactor(int ranks) {
    return 2.0 * (ranks - 1) / ranks;
  }

  private static double cpuSeconds(Samples taken) {
    return taken.cpuNanosPerOperation() / NANOS_PER_SECOND;
  }

  /** A time with its unit. */
  static String time(double nanos) {
    return nanos < NANOS_PER_MILLI
        ? "%.1f µs".formatted(nanos / NANOS_PER_MICRO)
        : "%.2f ms".formatted(nanos / NANOS_PER_MILLI);
  }

  /** Three digits, wherever the point is. */
  private static String digits(double value) {
    return new BigDecimal(value).round(new MathContext(3)).toPlainString();
  }
}
