package org.murmuration.worker.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The table of results, in Markdown and with columns that line up. */
final class ResultTable {
  private final List<Contender> contenders;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * @param contenders whose columns the table has
   */
  ResultTable(List<Contender> contenders) {
    this.contenders = contenders;
    List<String> head = new ArrayList<>(List.of("what", "batch", "threads"));
    contenders.forEach(contender -> head.add(contender.column()));
    rows.add(head);
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
    rows.add(row);
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
    var widths =
        IntStream.range(0, rows.get(0).size())
            .mapToObj(
                column -> rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0))
            .toList();
    List<String> lines = new ArrayList<>();
    rows.forEach(row -> lines.add(line(row, widths)));
    lines.add(1, widths.stream().map("-"::repeat).collect(Collectors.joining("-|-", "|-", "-|")));
    return String.join("\n", lines);
  }

  private static String line(List<String> row, List<Integer> widths) {
    return IntStream.range(0, row.size())
        .mapToObj(
            column -> row.get(column) + " ".repeat(widths.get(column) - row.get(column).length()))
        .collect(Collectors.joining(" | ", "| ", " |"));
  }
}
