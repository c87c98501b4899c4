package org.murmuration.worker.data.source;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.image.UndecodableImageException;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/** A table in a Parquet file. */
record ParquetTable(Piece piece, TableSource.Columns columns, Configuration configuration)
    implements TableSource.TableFile {

  @Override
  public void labels(TableSource.LabelVisitor visitor) throws IOException {
    var rows = rows();
    rows.read(
        schema(rows),
        List.of(columns.label()),
        row -> visitor.label(ParquetRows.text(row, columns.label())));
  }

  @Override
  public void rows(SampleVisitor visitor) throws IOException {
    var index = new long[1];
    var rows = rows();
    rows.read(
        schema(rows),
        List.of(columns.image(), columns.label(), columns.path()),
        row -> visitor.sample(new Row(this, index[0]++, row)));
  }

  /** A row as a sample. */
  private record Row(ParquetTable table, long index, Group row) implements RawSample {

    @Override
    public String path() {
      var path = ParquetRows.text(row, table.columns.path());
      return path.isEmpty() ? "%s#%d".formatted(table.piece.path(), index) : path;
    }

    @Override
    public String label() {
      return ParquetRows.text(row, table.columns.label());
    }

    @Override
    public RawImage image() throws UndecodableImageException {
      var column = table.columns.image();
      if (row.getFieldRepetitionCount(column) == 0) {
        throw new UndecodableImageException(Reason.MISSING, "the row has no image");
      }
      return row.getType().getType(column).isPrimitive()
          ? new EncodedImage(row.getBinary(column, 0).getBytes())
          : sparkImage(row.getGroup(column, 0));
    }

    private static RawImage sparkImage(Group image) throws UndecodableImageException {
      return new SparkImage(
              image.getInteger("height", 0),
              image.getInteger("width", 0),
              image.getInteger("mode", 0),
              image.getBinary("data", 0).getBytes())
          .image();
    }
  }

  private ParquetRows rows() {
    return new ParquetRows(piece.path(), configuration);
  }

  private MessageType schema(ParquetRows rows) throws IOException {
    var schema = rows.schema(List.of(columns.image(), columns.label()));
    var image = schema.getType(columns.image());
    if (!isImage(image)) {
      throw new BadDataException(
          "%s: the column %s is %s; it must be binary, or a struct with height, width, mode and data as Spark's image source writes it"
              .formatted(piece.path(), columns.image(), image));
    }
    return schema;
  }

  private static boolean isImage(Type type) {
    return type.isPrimitive()
        ? type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY
        : Stream.of("height", "width", "mode", "data").allMatch(type.asGroupType()::containsField);
  }
}
