package org.murmuration.worker.data.source;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.cifar.Cifar10;
import org.murmuration.worker.data.cifar.CifarFiles;

/**
 * CIFAR-10 or CIFAR-100 in the official binary format. A split is one piece: where it lies in an
 * archive, it can't be read in parts.
 */
public final class CifarSource implements SampleSource {
  private static final String SEPARATOR = "!";

  private final CifarFiles files;
  private final String place;

  /**
   * @param place where they are, for the names of samples
   */
  public CifarSource(CifarFiles files, String place) {
    this.files = files;
    this.place = place;
  }

  @Override
  public Listing list(Split split) throws IOException {
    var part = split.name().toLowerCase(Locale.ROOT);
    var piece = new Piece(place + SEPARATOR + part, 0, 0, "", "");
    return new Listing(List.of(piece), files.classNames(), List.of());
  }

  @Override
  public PieceSummary summarise(Piece piece) throws IOException {
    var names = files.classNames();
    var labels = new TreeSet<String>();
    var count = new long[1];
    files.read(
        split(piece),
        (index, label, pixels, offset) -> {
          count[0]++;
          labels.add(names.get(label));
        });
    return new PieceSummary(count[0], labels);
  }

  @Override
  public void read(Piece piece, SampleVisitor visitor) throws IOException {
    var names = files.classNames();
    int bytes = Cifar10.SHAPE.bytes();
    files.read(
        split(piece),
        (index, label, pixels, offset) ->
            visitor.sample(
                new Stored(
                    index,
                    "%s#%d".formatted(piece.path(), index),
                    names.get(label),
                    new PixelImage(
                        Cifar10.SHAPE, Arrays.copyOfRange(pixels, offset, offset + bytes)))));
  }

  private static Split split(Piece piece) {
    var part = piece.path().substring(piece.path().lastIndexOf(SEPARATOR) + 1);
    return Split.valueOf(part.toUpperCase(Locale.ROOT));
  }
}
