package org.murmuration.worker.data.source;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.murmuration.worker.data.BadDataException;

/**
 * The rows of a Parquet file.
 *
 * @param path of the file, as Hadoop's file system writes it
 * @param configuration of the file systems
 */
record ParquetRows(String path, Configuration configuration) {

  /** Takes rows one by one. */
  interface RowVisitor {
    void row(Group row) throws IOException;
  }

  /**
   * The schema.
   *
   * @param needed columns that must be there
   * @throws BadDataException when one of them isn't, or this is no Parquet
   */
  MessageType schema(List<String> needed) throws IOException {
    var file = HadoopInputFile.fromPath(new Path(path), configuration);
    try (var reader = ParquetFileReader.open(file)) {
      var schema = reader.getFileMetaData().getSchema();
      for (var column : needed) {
        requireColumn(schema, column);
      }
      return schema;
    } catch (RuntimeException e) {
      throw damaged(e);
    }
  }

  /**
   * Shows all rows.
   *
   * @param schema of the file
   * @param wanted the columns that are read, those of them that there are
   */
  void read(MessageType schema, List<String> wanted, RowVisitor visitor) throws IOException {
    var projection =
        new MessageType(
            schema.getName(),
            schema.getFields().stream().filter(field -> wanted.contains(field.getName())).toList());
    var projected = new Configuration(configuration);
    projected.set(ReadSupport.PARQUET_READ_SCHEMA, projection.toString());
    try (var reader =
        ParquetReader.builder(new GroupReadSupport(), new Path(path)).withConf(projected).build()) {
      for (var row = next(reader); row != null; row = next(reader)) {
        visitor.row(row);
      }
    }
  }

  /** A value as text; numbers as decimals, "" for none or where there is no such column. */
  static String text(Group row, String column) {
    return row.getType().containsField(column) && row.getFieldRepetitionCount(column) > 0
        ? row.getValueToString(row.getType().getFieldIndex(column), 0)
        : "";
  }

  private void requireColumn(MessageType schema, String column) throws BadDataException {
    if (!schema.containsField(column)) {
      throw new BadDataException(
          "%s has no column %s, but %s; name the columns with data.columns"
              .formatted(
                  path,
                  column,
                  schema.getFields().stream()
                      .map(Type::getName)
                      .collect(Collectors.joining(", "))));
    }
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
        "%s can't be read as Parquet: %s; copy or write it again".formatted(path, e.getMessage()),
        e);
  }
}
