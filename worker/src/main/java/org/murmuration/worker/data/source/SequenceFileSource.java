package org.murmuration.worker.data.source;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.IntWritable;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.Writable;
import org.apache.hadoop.util.ReflectionUtils;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.Split;

/**
 * Hadoop's SequenceFiles, compressed or not. A value is the bytes of an image; a key is its path,
 * whose last folder is the label, or a number, which is the label.
 */
public final class SequenceFileSource implements SampleSource {

  /**
   * What a key says.
   *
   * @param label of the sample
   * @param path of the sample, or "" if the key has none
   */
  private record Key(String label, String path) {
    static Key ofPath(String path) {
      return new Key(TarSample.lastFolder(path), path);
    }
  }

  private static final Map<String, Function<Writable, Key>> KEYS =
      Map.of(
          Text.class.getName(), key -> Key.ofPath(key.toString()),
          IntWritable.class.getName(), key -> new Key(key.toString(), ""),
          LongWritable.class.getName(), key -> new Key(key.toString(), ""));

  private final SourceFiles files;

  /** All files in the place of a split. */
  public SequenceFileSource(SourceFiles files) {
    this.files = files;
  }

  @Override
  public Listing list(Split split) throws IOException {
    var found = files.find(split, List.of());
    return new Listing(found.files().stream().map(Piece::of).toList(), List.of(), List.of());
  }

  @Override
  public PieceSummary summarise(Piece piece) throws IOException {
    var counter = new PieceSummary.Counter();
    read(piece, sample -> counter.add(sample.label()));
    return counter.summary();
  }

  @Override
  public void read(Piece piece, SampleVisitor visitor) throws IOException {
    try (var reader = open(piece)) {
      var keys = KEYS.get(reader.getKeyClassName());
      if (keys == null || !reader.getValueClassName().equals(BytesWritable.class.getName())) {
        throw new BadDataException(
            "%s has keys of %s and values of %s; keys must be Text, IntWritable or LongWritable, values BytesWritable with the bytes of an image file"
                .formatted(piece.path(), reader.getKeyClassName(), reader.getValueClassName()));
      }
      var key = (Writable) ReflectionUtils.newInstance(reader.getKeyClass(), files.configuration());
      for (long index = 0; next(piece, reader, key); index++) {
        visitor.sample(new Value(index, piece, keys.apply(key), reader));
      }
    }
  }

  /** The value is read only if someone wants the image. */
  private record Value(long index, Piece piece, Key key, SequenceFile.Reader reader)
      implements RawSample {

    @Override
    public String path() {
      return piece.path() + (key.path().isEmpty() ? "#" + index : "/" + key.path());
    }

    @Override
    public String label() {
      return key.label();
    }

    @Override
    public RawImage image() throws IOException {
      var value = new BytesWritable();
      try {
        reader.getCurrentValue(value);
      } catch (EOFException e) {
        throw damaged(piece, e);
      }
      return new EncodedImage(Arrays.copyOf(value.getBytes(), value.getLength()));
    }
  }

  private SequenceFile.Reader open(Piece piece) throws IOException {
    try {
      return new SequenceFile.Reader(
          files.configuration(), SequenceFile.Reader.file(new Path(piece.path())));
    } catch (EOFException e) {
      throw damaged(piece, e);
    } catch (IOException e) {
      throw new BadDataException(
          "%s can't be read as a SequenceFile: %s".formatted(piece.path(), e.getMessage()), e);
    }
  }

  private static boolean next(Piece piece, SequenceFile.Reader reader, Writable key)
      throws IOException {
    try {
      return reader.next(key);
    } catch (EOFException e) {
      throw damaged(piece, e);
    }
  }

  private static BadDataException damaged(Piece piece, EOFException cause) {
    return new BadDataException(
        "%s is cut short: it ends within a record; copy or write it again".formatted(piece.path()),
        cause);
  }
}
