package org.murmuration.worker.data.source;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.Split;

/**
 * The format of MNIST and of the data sets after its model: gray images in a file whose name has
 * {@code images-idx3-ubyte}, their labels in one of the same name with {@code labels-idx1-ubyte},
 * both perhaps compressed (.gz). Files whose names begin with {@code train} are for training, those
 * that begin with {@code t10k} or {@code test} for testing; {@code data.path} holds both.
 *
 * <p>A file is a magic number, 0x803 for images and 0x801 for labels, then the number of items and
 * of rows and columns, all of 32 bits, the highest byte first, then a byte for each pixel or label.
 * Described by Y. LeCun, C. Cortes and C. Burges, The MNIST database of handwritten digits.
 */
public final class IdxSource implements SampleSource {
  private static final int IMAGES_MAGIC = 0x803;
  private static final int LABELS_MAGIC = 0x801;
  private static final Pattern IMAGES = Pattern.compile("images([.-]idx3[.-]ubyte(\\.gz)?)");
  private static final Pattern TRAIN = Pattern.compile("(?i)train.*");
  private static final Pattern TEST = Pattern.compile("(?i)(t10k|test).*");

  private final SourceFiles files;

  /** The files in the place of the training data. */
  public IdxSource(SourceFiles files) {
    this.files = files;
  }

  @Override
  public Listing list(Split split) throws IOException {
    var named = split == Split.TRAIN ? TRAIN : TEST;
    var found = files.find(Split.TRAIN, List.of());
    List<Piece> pieces = new ArrayList<>();
    for (var file : found.files()) {
      var name = file.getPath().getName();
      if (named.matcher(name).matches() && IMAGES.matcher(name).find()) {
        pieces.add(Piece.of(file).with(labels(file, found.files())));
      }
    }
    if (pieces.isEmpty()) {
      throw new BadDataException(
          "data.path = %s has no file %s-images-idx3-ubyte or %s-images-idx3-ubyte.gz"
              .formatted(
                  files.place(Split.TRAIN),
                  split == Split.TRAIN ? "train" : "t10k",
                  split == Split.TRAIN ? "train" : "t10k"));
    }
    return new Listing(pieces, List.of(), List.of());
  }

  /** The file with the labels of a file of images. */
  private static String labels(FileStatus images, List<FileStatus> all) throws BadDataException {
    var plain = withoutGz(images.getPath()).replaceFirst("images([.-])idx3", "labels$1idx1");
    return all.stream()
        .filter(file -> withoutGz(file.getPath()).equals(plain))
        .findFirst()
        .orElseThrow(
            () ->
                new BadDataException(
                    "%s has no labels: %s is missing, also with .gz"
                        .formatted(images.getPath(), plain)))
        .getPath()
        .toString();
  }

  private static String withoutGz(Path path) {
    return path.toString().replaceFirst("\\.gz$", "");
  }

  @Override
  public PieceSummary summarise(Piece piece) throws IOException {
    var labels = new TreeSet<String>();
    var all = labels(piece.companion());
    for (byte label : all) {
      labels.add(Integer.toString(Byte.toUnsignedInt(label)));
    }
    return new PieceSummary(all.length, labels);
  }

  @Override
  public void read(Piece piece, SampleVisitor visitor) throws IOException {
    var labels = labels(piece.companion());
    try (var in = data(piece.path())) {
      requireMagic(in, IMAGES_MAGIC, piece.path());
      int count = in.readInt();
      if (count != labels.length) {
        throw new BadDataException(
            "%s has %d images and %s %d labels; they belong to different data sets, or one is cut short"
                .formatted(piece.path(), count, piece.companion(), labels.length));
      }
      var shape = shape(in, piece);
      for (int index = 0; index < count; index++) {
        var pixels = new byte[shape.bytes()];
        in.readFully(pixels);
        visitor.sample(
            new Stored(
                index,
                "%s#%d".formatted(piece.path(), index),
                Integer.toString(Byte.toUnsignedInt(labels[index])),
                new PixelImage(shape, pixels)));
      }
    } catch (EOFException e) {
      throw cutShort(piece.path(), e);
    }
  }

  private static ImageShape shape(DataInputStream in, Piece piece) throws IOException {
    int rows = in.readInt();
    int columns = in.readInt();
    try {
      return new ImageShape(1, rows, columns);
    } catch (IllegalArgumentException e) {
      throw new BadDataException("%s: %s".formatted(piece.path(), e.getMessage()), e);
    }
  }

  private byte[] labels(String path) throws IOException {
    try (var in = data(path)) {
      requireMagic(in, LABELS_MAGIC, path);
      int count = in.readInt();
      var labels = in.readNBytes(Math.max(0, count));
      if (labels.length != count) {
        throw cutShort(path, null);
      }
      return labels;
    } catch (EOFException e) {
      throw cutShort(path, e);
    }
  }

  private DataInputStream data(String path) throws IOException {
    var in = files.open(path);
    try {
      return new DataInputStream(
          new BufferedInputStream(path.endsWith(".gz") ? new GZIPInputStream(in) : in));
    } catch (IOException e) {
      in.close();
      throw new BadDataException(
          "%s isn't compressed with gzip, as its name says: %s".formatted(path, e.getMessage()), e);
    }
  }

  private static void requireMagic(DataInputStream in, int expected, String path)
      throws IOException {
    int magic = in.readInt();
    if (magic != expected) {
      throw new BadDataException(
          "%s begins with 0x%08x, such a file with 0x%08x; it is damaged or in another format"
              .formatted(path, magic, expected));
    }
  }

  private static BadDataException cutShort(String path, EOFException cause) {
    return new BadDataException(
        "%s is cut short: it ends before its last item; copy or download it again".formatted(path),
        cause);
  }
}
