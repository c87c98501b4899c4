package org.murmuration.worker.data.source;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.Split;

/**
 * Lists of image files and their labels: comma-separated (.csv) or tab-separated (.tsv), UTF-8,
 * with a line of column names first. A path that isn't absolute is taken from the folder of the
 * list.
 *
 * <p>A file that a list names and that isn't there is missed when it is read, not when it is
 * listed.
 */
public final class ListSource extends FileSource {
  private static final String CSV = ".csv";
  private static final String TSV = ".tsv";
  private static final String PARQUET = ".parquet";
  private static final int BYTE_ORDER_MARK = '\uFEFF';
  private static final Pattern URI_SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:/");

  private final String pathColumn;
  private final String labelColumn;

  /** Lists with these columns among others. */
  public ListSource(SourceFiles files, String pathColumn, String labelColumn) {
    super(files);
    this.pathColumn = pathColumn;
    this.labelColumn = labelColumn;
  }

  @Override
  public Listing list(Split split) throws IOException {
    var lists = files().find(split, List.of(CSV, TSV, PARQUET));
    var entries = new Entries();
    for (var list : lists.files()) {
      if (FolderTree.hasSuffix(list, List.of(PARQUET))) {
        readTable(list, entries);
      } else {
        read(list, entries);
      }
    }
    if (entries.pieces.isEmpty()) {
      throw new BadDataException(
          "%s = %s lists no image".formatted(SourceFiles.key(split), files().place(split)));
    }
    return new Listing(entries.pieces, List.of(), lists.passedOver());
  }

  private void readTable(FileStatus list, Entries entries) throws IOException {
    var rows = new ParquetRows(list.getPath().toString(), files().configuration());
    var columns = List.of(pathColumn, labelColumn);
    rows.read(
        rows.schema(columns),
        columns,
        row ->
            entries.add(
                list, ParquetRows.text(row, pathColumn), ParquetRows.text(row, labelColumn)));
  }

  private void read(FileStatus list, Entries entries) throws IOException {
    var tabs = list.getPath().getName().toLowerCase(Locale.ROOT).endsWith(TSV);
    var format =
        (tabs ? CSVFormat.TDF : CSVFormat.RFC4180)
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .setIgnoreEmptyLines(true)
            .build();
    try (var in = files().open(list.getPath().toString());
        var reader = withoutMark(new InputStreamReader(in, StandardCharsets.UTF_8));
        var parser = CSVParser.parse(reader, format)) {
      requireColumn(pathColumn, list, parser.getHeaderNames());
      requireColumn(labelColumn, list, parser.getHeaderNames());
      for (var row : parser) {
        if (!row.isConsistent()) {
          throw new BadDataException(
              "%s has %d columns in line %d and %d in its first; quote what has a separator in it"
                  .formatted(
                      list.getPath(),
                      row.size(),
                      parser.getCurrentLineNumber(),
                      parser.getHeaderNames().size()));
        }
        entries.add(list, row.get(pathColumn), row.get(labelColumn).strip());
      }
    } catch (UncheckedIOException | IllegalArgumentException e) {
      throw new BadDataException(
          "%s can't be read as a list: %s".formatted(list.getPath(), e.getMessage()), e);
    }
  }

  /**
   * Spreadsheets begin with a mark of the byte order, which would be taken for a part of a name.
   */
  private static Reader withoutMark(Reader text) throws IOException {
    var reader = new BufferedReader(text);
    reader.mark(1);
    if (reader.read() != BYTE_ORDER_MARK) {
      reader.reset();
    }
    return reader;
  }

  private static void requireColumn(String column, FileStatus list, List<String> header)
      throws BadDataException {
    if (!header.contains(column)) {
      throw new BadDataException(
          "%s has no column %s in its first line, but %s; name the columns with data.columns"
              .formatted(list.getPath(), column, String.join(", ", header)));
    }
  }

  /** Collects what lists name, and asks for each folder once instead of for each file. */
  private final class Entries {
    private final List<Piece> pieces = new ArrayList<>();
    private final Map<Path, Map<String, FileStatus>> folders = new HashMap<>();

    void add(FileStatus list, String listed, String label) throws IOException {
      var path = absolute(list, listed);
      var file = folder(path.getParent()).get(path.getName());
      pieces.add(
          file == null ? new Piece(path.toString(), 0, 0, label, "") : Piece.labelled(file, label));
    }

    private Path absolute(FileStatus list, String path) throws BadDataException {
      if (path.isBlank()) {
        throw new BadDataException(
            "%s has a row without a path in the column %s; remove it"
                .formatted(list.getPath(), pathColumn));
      }
      return URI_SCHEME.matcher(path).lookingAt()
          ? new Path(path)
          : new Path(list.getPath().getParent(), new Path(null, null, path));
    }

    private Map<String, FileStatus> folder(Path folder) throws IOException {
      var known = folders.get(folder);
      if (known != null) {
        return known;
      }
      var files = new HashMap<String, FileStatus>();
      var fileSystem = files().fileSystem(folder);
      if (fileSystem.exists(folder)) {
        for (var file : fileSystem.listStatus(folder)) {
          files.put(file.getPath().getName(), file);
        }
      }
      folders.put(folder, files);
      return files;
    }
  }
}
