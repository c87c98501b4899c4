package org.murmuration.worker.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table in Markdown, with columns that line up. */
public final class MarkdownTable {
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * @param head the names of the columns
   */
  public MarkdownTable(List<String> head) {
    rows.add(head);
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException if it hasn't as many entries as there are columns
   */
  public void add(List<String> row) {
    if (row.size() != rows.get(0).size()) {
      throw new IllegalArgumentException(
          "a row of %d entries in a table of %d columns: %s"
              .formatted(row.size(), rows.get(0).size(), row));
    }
    rows.add(row);
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
