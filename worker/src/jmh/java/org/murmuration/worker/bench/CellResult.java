package org.murmuration.worker.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the contenders did in a cell. One that failed is missing.
 *
 * @param measurements by contender
 */
record CellResult(Cell cell, Map<Contender, Measurement> measurements) {

  /** The result of a cell in which nobody ran yet. */
  static CellResult empty(Cell cell) {
    return new CellResult(cell, new EnumMap<>(Contender.class));
  }

  /** Adds a measurement to those of the same contender. */
  void add(Contender contender, Measurement measurement) {
    measurements.merge(contender, measurement, Measurement::and);
  }

  /** What a contender did, unless it failed. */
  Optional<Measurement> of(Contender contender) {
    return Optional.ofNullable(measurements.get(contender));
  }

  /** Images per second. */
  double rate(Measurement measured) {
    return cell.batch() * 1000.0 / measured.median();
  }

  /** The rate divided by that of the reference, if that was measured. */
  Optional<Double> ratio(Measurement measured) {
    return of(Contender.REFERENCE).map(reference -> rate(measured) / rate(reference));
  }

  /**
   * Says of each contender that didn't train the same as the reference, or as the first one if
   * there is no reference.
   */
  List<String> disagreements() {
    List<String> found = new ArrayList<>();
    var truth =
        measurements.containsKey(Contender.REFERENCE)
            ? Optional.of(Contender.REFERENCE)
            : measurements.keySet().stream().findFirst();
    truth.ifPresent(
        other ->
            measurements.forEach(
                (contender, measured) -> {
                  if (!agree(contender.tolerance(), measured, measurements.get(other))) {
                    found.add(disagreement(contender, other));
                  }
                }));
    return found;
  }

  private static boolean agree(Tolerance tolerance, Measurement one, Measurement other) {
    return one.parameters() == other.parameters() && tolerance.agree(one.losses(), other.losses());
  }

  private String disagreement(Contender contender, Contender other) {
    return "%s: %s trains something else than %s: %s, but %s"
        .formatted(cell, contender.option(), other.option(), trained(contender), trained(other));
  }

  private String trained(Contender contender) {
    var measured = measurements.get(contender);
    return "%,d parameters, losses %s".formatted(measured.parameters(), measured.losses());
  }
}
