package org.murmuration.worker.bench;

import java.util.ArrayList;
import java.util.List;

/** The table of results. */
final class ResultTable {
  private final List<Contender> contenders;
  private final MarkdownTable table;

  /**
   * @param contenders whose columns the table has
   */
  ResultTable(List<Contender> contenders) {
    this.contenders = contenders;
    List<String> head = new ArrayList<>(List.of("what", "batch", "threads"));
    contenders.forEach(contender -> head.add(contender.column()));
    table = new MarkdownTable(head);
  }

  /** Adds the row of a cell. */
  void add(CellResult result) {
    var cell = result.cell();
    List<String> row = new ArrayList<>();
    row.add(cell.workload().name());
    row.add(String.valueOf(cell.batch()));
    row.add(String.valueOf(cell.threads()));
    contenders.forEach(
        contender ->
            row.add(
                result.of(contender).map(measured -> entry(result, measured)).orElse("failed")));
    table.add(row);
  }

  private static String entry(CellResult result, Measurement measured) {
    double rate = result.rate(measured);
    return "%s%s · %,d MiB"
        .formatted(
            (rate < 100 ? "%.2f" : "%,.0f").formatted(rate),
            result.ratio(measured).map(" · x%.2f"::formatted).orElse(""),
            measured.peakMib());
  }

  @Override
  public String toString() {
    return table.toString();
  }
}
