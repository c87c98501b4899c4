package org.murmuration.worker.data.source;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hive.ql.exec.vector.BytesColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.ColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.LongColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.StructColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.VectorizedRowBatch;
import org.apache.orc.OrcFile;
import org.apache.orc.Reader;
import org.apache.orc.TypeDescription;
import org.apache.orc.TypeDescription.Category;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.image.UndecodableImageException;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/** A table in an ORC file. */
record OrcTable(Piece piece, TableSource.Columns columns, Configuration configuration)
    implements TableSource.TableFile {

  /** Few, as each may hold a large image. */
  private static final int ROWS_AT_A_TIME = 16;

  /** Takes rows one by one. */
  private interface RowVisitor {
    void row(VectorizedRowBatch batch, int row, TypeDescription schema) throws IOException;
  }

  @Override
  public void labels(TableSource.LabelVisitor visitor) throws IOException {
    read(
        List.of(columns.label()),
        (batch, row, schema) -> visitor.label(text(batch, row, schema, columns.label())));
  }

  @Override
  public void rows(SampleVisitor visitor) throws IOException {
    var index = new long[1];
    read(
        List.of(columns.image(), columns.label(), columns.path()),
        (batch, row, schema) -> visitor.sample(new Row(this, index[0]++, batch, row, schema)));
  }

  /** A row as a sample. */
  private record Row(
      OrcTable table, long index, VectorizedRowBatch batch, int row, TypeDescription schema)
      implements RawSample {

    @Override
    public String path() {
      var path =
          schema.getFieldNames().contains(table.columns.path())
              ? text(batch, row, schema, table.columns.path())
              : "";
      return path.isEmpty() ? "%s#%d".formatted(table.piece.path(), index) : path;
    }

    @Override
    public String label() {
      return text(batch, row, schema, table.columns.label());
    }

    @Override
    public RawImage image() throws UndecodableImageException {
      int column = schema.getFieldNames().indexOf(table.columns.image());
      var vector = batch.cols[column];
      int at = at(vector, row);
      if (isNull(vector, at)) {
        throw new UndecodableImageException(Reason.MISSING, "the row has no image");
      }
      var type = schema.getChildren().get(column);
      return type.getCategory() == Category.STRUCT
          ? sparkImage((StructColumnVector) vector, at, type.getFieldNames())
          : new EncodedImage(content((BytesColumnVector) vector, at));
    }

    private static RawImage sparkImage(StructColumnVector image, int row, List<String> names)
        throws UndecodableImageException {
      return new SparkImage(
              number(image.fields[names.indexOf("height")], row),
              number(image.fields[names.indexOf("width")], row),
              number(image.fields[names.indexOf("mode")], row),
              content((BytesColumnVector) image.fields[names.indexOf("data")], row))
          .image();
    }

    private static int number(ColumnVector vector, int row) {
      return (int) ((LongColumnVector) vector).vector[at(vector, row)];
    }
  }

  private void read(List<String> wanted, RowVisitor visitor) throws IOException {
    try (var reader = open()) {
      requireColumns(reader.getSchema());
      var schema = TypeDescription.createStruct();
      var all = reader.getSchema();
      for (int i = 0; i < all.getFieldNames().size(); i++) {
        if (wanted.contains(all.getFieldNames().get(i))) {
          schema.addField(all.getFieldNames().get(i), all.getChildren().get(i).clone());
        }
      }
      var batch = schema.createRowBatch(ROWS_AT_A_TIME);
      try (var rows = reader.rows(reader.options().schema(schema))) {
        while (rows.nextBatch(batch)) {
          for (int row = 0; row < batch.size; row++) {
            visitor.row(batch, row, schema);
          }
        }
      }
    } catch (RuntimeException e) {
      throw damaged(e);
    }
  }

  private Reader open() throws IOException {
    try {
      return OrcFile.createReader(new Path(piece.path()), OrcFile.readerOptions(configuration));
    } catch (org.apache.orc.FileFormatException e) {
      throw damaged(e);
    }
  }

  private void requireColumns(TypeDescription schema) throws BadDataException {
    for (var column : List.of(columns.image(), columns.label())) {
      if (!schema.getFieldNames().contains(column)) {
        throw new BadDataException(
            "%s has no column %s, but %s; name the columns with data.columns"
                .formatted(piece.path(), column, String.join(", ", schema.getFieldNames())));
      }
    }
    var image = schema.getChildren().get(schema.getFieldNames().indexOf(columns.image()));
    if (!isImage(image)) {
      throw new BadDataException(
          "%s: the column %s is %s; it must be binary, or a struct with height, width, mode and data as Spark's image source writes it"
              .formatted(piece.path(), columns.image(), image));
    }
  }

  private static boolean isImage(TypeDescription type) {
    return switch (type.getCategory()) {
      case BINARY -> true;
      case STRUCT ->
          Stream.of("height", "width", "mode", "data").allMatch(type.getFieldNames()::contains);
      default -> false;
    };
  }

  /** Text as it is, numbers as decimals; "" for none. */
  private static String text(
      VectorizedRowBatch batch, int row, TypeDescription schema, String name) {
    int column = schema.getFieldNames().indexOf(name);
    var vector = batch.cols[column];
    int at = at(vector, row);
    if (isNull(vector, at)) {
      return "";
    }
    var text = new StringBuilder();
    vector.stringifyValue(text, at);
    return switch (schema.getChildren().get(column).getCategory()) {
      // Text comes in quotes.
      case STRING, VARCHAR, CHAR ->
          new String(
              content((BytesColumnVector) vector, at), java.nio.charset.StandardCharsets.UTF_8);
      default -> text.toString();
    };
  }

  /** Where all rows are the same, only the first is kept. */
  private static int at(ColumnVector vector, int row) {
    return vector.isRepeating ? 0 : row;
  }

  private static boolean isNull(ColumnVector vector, int at) {
    return !vector.noNulls && vector.isNull[at];
  }

  private static byte[] content(BytesColumnVector vector, int row) {
    int at = at(vector, row);
    return Arrays.copyOfRange(
        vector.vector[at], vector.start[at], vector.start[at] + vector.length[at]);
  }

  private BadDataException damaged(Exception e) {
    return new BadDataException(
        "%s can't be read as ORC: %s; copy or write it again"
            .formatted(piece.path(), e.getMessage()),
        e);
  }
}
