package org.murmuration.worker.data.prepared;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.murmuration.worker.data.BadDataException;

/** One Parquet file of a prepared table. The same rows give the same bytes. */
public record PreparedFile(Path path, Configuration configuration) {

  /** What one writer or reader holds in memory at a time, or one row where that is larger. */
  private static final int ROW_GROUP_BYTES = 16 << 20;

  private static final int PAGE_BYTES = 1 << 20;

  /** On local disks without the checksum files that Hadoop lays beside. */
  public PreparedFile {
    configuration = new Configuration(configuration);
    configuration.setClass("fs.file.impl", RawLocalFileSystem.class, FileSystem.class);
    configuration.setBoolean("fs.file.impl.disable.cache", true);
  }

  /** Takes rows one by one. */
  public interface RowVisitor {
    /** One row. */
    void row(PreparedRow row) throws IOException;
  }

  /** Writes rows one by one; the file is whole once this is closed. */
  public static final class Writer implements Closeable {
    private final ParquetWriter<Group> writer;

    private Writer(ParquetWriter<Group> writer) {
      this.writer = writer;
    }

    /** Appends a row. */
    public void write(PreparedRow row) throws IOException {
      writer.write(PreparedSchema.group(row));
    }

    @Override
    public void close() throws IOException {
      writer.close();
    }
  }

  /** Starts the file anew. */
  public Writer create() throws IOException {
    return new Writer(
        ExampleParquetWriter.builder(HadoopOutputFile.fromPath(path, configuration))
            .withType(PreparedSchema.ALL)
            .withConf(configuration)
            .withWriteMode(org.apache.parquet.hadoop.ParquetFileWriter.Mode.OVERWRITE)
            .withWriterVersion(WriterVersion.PARQUET_1_0)
            .withCompressionCodec(CompressionCodecName.SNAPPY)
            .withRowGroupSize((long) ROW_GROUP_BYTES)
            .withPageSize(PAGE_BYTES)
            // Rows are large: after a hundred, a group would be many times its size.
            .withMinRowCountForPageSizeCheck(1)
            .withDictionaryEncoding(PreparedSchema.PATH, false)
            .withDictionaryEncoding(PreparedSchema.PIXELS, false)
            .withDictionaryEncoding(PreparedSchema.ENCODED, false)
            .withDictionaryEncoding(PreparedSchema.MASK, false)
            .build());
  }

  /** Reads rows one by one, a group of at most 16 MiB or one row in memory at a time. */
  public static final class Reader implements AutoCloseable {
    private final PreparedFile file;
    private final ParquetReader<Group> reader;
    private final long rows;

    private Reader(PreparedFile file, ParquetReader<Group> reader, long rows) {
      this.file = file;
      this.reader = reader;
      this.rows = rows;
    }

    /** How many rows there are in all. */
    public long rows() {
      return rows;
    }

    /**
     * The next row.
     *
     * @throws UncheckedIOException when it can't be read
     */
    public PreparedRow next() {
      try {
        return PreparedSchema.row(reader.read());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (RuntimeException e) {
        throw new UncheckedIOException(file.damaged(e));
      }
    }

    /**
     * Gives the file back.
     *
     * @throws UncheckedIOException when that fails
     */
    @Override
    public void close() {
      try {
        reader.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** How many rows there are. */
  public long rows() throws IOException {
    try (var reader = ParquetFileReader.open(HadoopInputFile.fromPath(path, configuration))) {
      return reader.getRecordCount();
    } catch (RuntimeException e) {
      throw damaged(e);
    }
  }

  /** Opens all columns. */
  public Reader open() throws IOException {
    return open(PreparedSchema.ALL.toString());
  }

  /** Shows all rows, in their order. */
  public void read(RowVisitor visitor) throws IOException {
    read(PreparedSchema.ALL.toString(), visitor);
  }

  /** Shows all rows without the columns that hold images, which are not read. */
  public void readWithoutImages(RowVisitor visitor) throws IOException {
    read(PreparedSchema.WITHOUT_IMAGES.toString(), visitor);
  }

  private Reader open(String schema) throws IOException {
    var projected = new Configuration(configuration);
    projected.set(ReadSupport.PARQUET_READ_SCHEMA, schema);
    long rows = rows();
    return new Reader(
        this,
        ParquetReader.builder(new GroupReadSupport(), path).withConf(projected).build(),
        rows);
  }

  private void read(String schema, RowVisitor visitor) throws IOException {
    try (var reader = open(schema)) {
      for (long row = 0; row < reader.rows(); row++) {
        visitor.row(reader.next());
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private BadDataException damaged(RuntimeException e) {
    return new BadDataException(
        "%s is no table that preprocess has written, or is damaged: %s"
            .formatted(path, e.getMessage()),
        e);
  }
}
