package org.murmuration.worker.data.source;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.Split;

/**
 * Shards of samples in tar archives (.tar, .tar.gz, .tgz), in the convention of webdataset: files
 * that follow each other and whose names are the same up to the first dot after the last slash are
 * one sample. The image is the one with the ending of an image, its label is in {@code .cls},
 * {@code .txt} or {@code .label}; without any of them, the last folder is the label. {@code
 * .mask.png} and {@code .seg.png} are masks. What else there is, links and hidden names included,
 * is left alone.
 *
 * <p>One sample is in memory at a time.
 */
public final class TarSource implements SampleSource {
  private static final List<String> SHARDS = List.of(".tar", ".tar.gz", ".tgz");
  private static final Set<String> IMAGES =
      Set.of("jpg", "jpeg", "png", "webp", "gif", "tif", "tiff", "bmp", "pbm", "pgm", "ppm", "pnm");
  private static final Set<String> LABELS = Set.of("cls", "txt", "label");
  private static final Set<String> MASKS = Set.of("mask.png", "seg.png");
  private static final Pattern HIDDEN = Pattern.compile("(^|/)[._]");
  private static final int LONGEST_LABEL = 4096;

  private final SourceFiles files;
  private final long maxImageBytes;

  /**
   * @param maxImageBytes larger files in a shard aren't read
   */
  public TarSource(SourceFiles files, long maxImageBytes) {
    this.files = files;
    this.maxImageBytes = maxImageBytes;
  }

  @Override
  public Listing list(Split split) throws IOException {
    var found = files.find(split, SHARDS);
    return new Listing(
        found.files().stream().map(Piece::of).toList(), List.of(), found.passedOver());
  }

  @Override
  public PieceSummary summarise(Piece piece) throws IOException {
    var counter = new PieceSummary.Counter();
    samples(piece, false, sample -> counter.add(sample.label()));
    return counter.summary();
  }

  @Override
  public void read(Piece piece, SampleVisitor visitor) throws IOException {
    samples(piece, true, visitor);
  }

  private void samples(Piece piece, boolean withImages, SampleVisitor visitor) throws IOException {
    try (var raw = files.open(piece);
        var plain = new EndMark(decompressed(piece, raw));
        var tar = new TarArchiveInputStream(plain, StandardCharsets.UTF_8.name())) {
      var open = TarSample.none(piece);
      for (var entry = next(piece, tar); entry != null; entry = next(piece, tar)) {
        var name = name(entry);
        if (isRegular(entry) && !isHidden(name)) {
          var key = key(name);
          if (!open.has(key)) {
            open.visit(visitor);
            open = open.following(key);
          }
          take(piece, entry, tar, open, withImages);
        }
      }
      open.visit(visitor);
      requireEnd(piece, plain);
    }
  }

  /** A shard that was cut between two files has all that it has read, and not all that it had. */
  private static void requireEnd(Piece piece, EndMark plain) throws IOException {
    boolean whole;
    try {
      whole = plain.isAtTheEnd();
    } catch (IOException e) {
      throw damaged(piece, e);
    }
    if (!whole) {
      throw damaged(piece, new EOFException("it ends without the mark of its end"));
    }
  }

  private void take(
      Piece piece, TarArchiveEntry entry, InputStream tar, TarSample sample, boolean withImages)
      throws IOException {
    var name = name(entry);
    var ending =
        name.substring(Math.min(name.length(), key(name).length() + 1)).toLowerCase(Locale.ROOT);
    var last = ending.substring(ending.lastIndexOf('.') + 1);
    if (LABELS.contains(ending)) {
      sample.label(new String(content(piece, tar, LONGEST_LABEL), StandardCharsets.UTF_8).strip());
    } else if (MASKS.contains(ending)) {
      sample.mask(part(piece, entry, tar, withImages));
    } else if (IMAGES.contains(last)) {
      sample.image(part(piece, entry, tar, withImages));
    }
  }

  /** What is too large for an image, or isn't wanted, isn't read. */
  private TarSample.Part part(Piece piece, TarArchiveEntry entry, InputStream tar, boolean wanted)
      throws IOException {
    var reads = wanted && entry.getSize() <= maxImageBytes;
    return new TarSample.Part(
        name(entry),
        entry.getSize(),
        maxImageBytes,
        reads ? content(piece, tar, entry.getSize()) : new byte[0]);
  }

  private static byte[] content(Piece piece, InputStream tar, long most) throws IOException {
    try {
      return tar.readNBytes((int) most);
    } catch (IOException e) {
      throw damaged(piece, e);
    }
  }

  private static TarArchiveEntry next(Piece piece, TarArchiveInputStream tar) throws IOException {
    try {
      return tar.getNextTarEntry();
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(piece, e);
    }
  }

  private static InputStream decompressed(Piece piece, InputStream raw) throws IOException {
    try {
      return new BufferedInputStream(
          piece.path().endsWith(".tar") ? raw : new GZIPInputStream(raw, 1 << 16));
    } catch (EOFException | ZipException e) {
      throw damaged(piece, e);
    }
  }

  private static BadDataException damaged(Piece piece, Exception cause) {
    return new BadDataException(
        "%s is damaged or cut short, and can't be read as a tar archive any further: %s; copy or pack it again"
            .formatted(piece.path(), cause.getMessage()),
        cause);
  }

  /** Packed from {@code .}, names begin with it. */
  private static String name(TarArchiveEntry entry) {
    return entry.getName().replaceFirst("^(\\./)+", "");
  }

  /** {@code isFile} is also true of links and devices. */
  private static boolean isRegular(TarArchiveEntry entry) {
    return entry.isFile()
        && !entry.isLink()
        && !entry.isSymbolicLink()
        && !entry.isBlockDevice()
        && !entry.isCharacterDevice()
        && !entry.isFIFO();
  }

  private static boolean isHidden(String name) {
    return HIDDEN.matcher(name).find();
  }

  private static String key(String name) {
    int dot = name.indexOf('.', name.lastIndexOf('/') + 1);
    return dot < 0 ? name : name.substring(0, dot);
  }
}
