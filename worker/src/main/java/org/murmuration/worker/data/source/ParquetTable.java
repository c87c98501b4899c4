package org.murmuration.worker.data.source;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.image.UndecodableImageException;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/** A table in a Parquet file. */
record ParquetTable(Piece piece, TableSource.Columns columns, Configuration configuration)
    implements TableSource.TableFile {

  /** Takes rows one by one. */
  private interface RowVisitor {
    void row(Group row) throws IOException;
  }

  @Override
  public void labels(TableSource.LabelVisitor visitor) throws IOException {
    read(List.of(columns.label()), row -> visitor.label(label(row)));
  }

  @Override
  public void rows(SampleVisitor visitor) throws IOException {
    var index = new long[1];
    read(
        List.of(columns.image(), columns.label(), columns.path()),
        row -> visitor.sample(new Row(this, index[0]++, row)));
  }

  /** A row as a sample. */
  private record Row(ParquetTable table, long index, Group row) implements RawSample {

    @Override
    public String path() {
      var column = table.columns.path();
      return row.getType().containsField(column) && row.getFieldRepetitionCount(column) > 0
          ? row.getValueToString(row.getType().getFieldIndex(column), 0)
          : "%s#%d".formatted(table.piece.path(), index);
    }

    @Override
    public String label() {
      return table.label(row);
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

  private String label(Group row) {
    int column = row.getType().getFieldIndex(columns.label());
    return row.getFieldRepetitionCount(column) == 0 ? "" : row.getValueToString(column, 0);
  }

  private void read(List<String> wanted, RowVisitor visitor) throws IOException {
    var schema = schema();
    var projected = new Configuration(configuration);
    projected.set(
        ReadSupport.PARQUET_READ_SCHEMA,
        new MessageType(
                schema.getName(),
                schema.getFields().stream()
                    .filter(field -> wanted.contains(field.getName()))
                    .toList())
            .toString());
    try (var reader =
        ParquetReader.builder(new GroupReadSupport(), new Path(piece.path()))
            .withConf(projected)
            .build()) {
      for (var row = next(reader); row != null; row = next(reader)) {
        visitor.row(row);
      }
    }
  }

  private MessageType schema() throws IOException {
    var file = HadoopInputFile.fromPath(new Path(piece.path()), configuration);
    try (var reader = ParquetFileReader.open(file)) {
      var schema = reader.getFileMetaData().getSchema();
      requireColumns(schema);
      return schema;
    } catch (RuntimeException e) {
      throw damaged(e);
    }
  }

  private void requireColumns(MessageType schema) throws BadDataException {
    for (var column : List.of(columns.image(), columns.label())) {
      if (!schema.containsField(column)) {
        throw new BadDataException(
            "%s has no column %s, but %s; name the columns with data.columns"
                .formatted(
                    piece.path(),
                    column,
                    schema.getFields().stream()
                        .map(Type::getName)
                        .collect(Collectors.joining(", "))));
      }
    }
    var image = schema.getType(columns.image());
    if (!isImage(image)) {
      throw new BadDataException(
          "%s: the column %s is %s; it must be binary, or a struct with height, width, mode and data as Spark's image source writes it"
              .formatted(piece.path(), columns.image(), image));
    }
  }

  private static boolean isImage(Type type) {
    return type.isPrimitive()
        ? type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY
        : Stream.of("height", "width", "mode", "data").allMatch(type.asGroupType()::containsField);
  }

  private Group next(ParquetReader<Group> reader) throws IOException {
    try {
      return reader.read();
    } catch (RuntimeException e) {
      throw damaged(e);
    }
  }

  private BadDataException damaged(RuntimeException e) {
    return new BadDataException(
        "%s can't be read as Parquet: %s; copy or write it again"
            .formatted(piece.path(), e.getMessage()),
        e);
  }
}
