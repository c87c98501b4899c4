package org.murmuration.worker.data.source;

import java.io.IOException;
import java.util.List;
import org.murmuration.worker.data.Split;

/**
 * Tables in Parquet (.parquet) or ORC (.orc) with a column of images: either the bytes of image
 * files, or the struct that Spark's image source reads them into (origin, height, width, nChannels,
 * mode, data). Labels are text or whole numbers.
 */
public final class TableSource implements SampleSource {
  private static final String PARQUET = ".parquet";
  private static final String ORC = ".orc";

  private final SourceFiles files;
  private final Columns columns;

  /** Tables with these columns among others. */
  public TableSource(SourceFiles files, Columns columns) {
    this.files = files;
    this.columns = columns;
  }

  /**
   * The names of columns.
   *
   * @param image of the images
   * @param label of the labels
   * @param path of what the images are called; where there is none of this name, they are numbered
   */
  public record Columns(String image, String label, String path) {}

  /** A table of one file. */
  interface TableFile {

    /** The labels of all rows, "" where there is none; nothing else is read. */
    void labels(LabelVisitor visitor) throws IOException;

    /** All rows. */
    void rows(SampleVisitor visitor) throws IOException;
  }

  /** Takes labels one by one. */
  interface LabelVisitor {
    void label(String label);
  }

  @Override
  public Listing list(Split split) throws IOException {
    var found = files.find(split, List.of(PARQUET, ORC));
    return new Listing(
        found.files().stream().map(Piece::of).toList(), List.of(), found.passedOver());
  }

  @Override
  public PieceSummary summarise(Piece piece) throws IOException {
    var counter = new PieceSummary.Counter();
    table(piece).labels(counter::add);
    return counter.summary();
  }

  @Override
  public void read(Piece piece, SampleVisitor visitor) throws IOException {
    table(piece).rows(visitor);
  }

  private TableFile table(Piece piece) {
    return piece.path().toLowerCase(java.util.Locale.ROOT).endsWith(ORC)
        ? new OrcTable(piece, columns, files.configuration())
        : new ParquetTable(piece, columns, files.configuration());
  }
}
