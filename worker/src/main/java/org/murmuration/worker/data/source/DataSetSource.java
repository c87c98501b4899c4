package org.murmuration.worker.data.source;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.Split;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * DL4J's serialised {@code DataSet} files, and those of {@code MultiDataSet} (with "multi" in their
 * names), as {@code save} writes them. Features are images [n, channels, height, width] of whole
 * numbers 0 to 255, labels one-hot [n, classes]. A file is in memory as a whole.
 */
public final class DataSetSource implements SampleSource {
  private static final String MULTI = "multi";
  private static final int IMAGE_RANK = 4;
  private static final int LABEL_RANK = 2;

  private final SourceFiles files;

  /** All files in the place of a split. */
  public DataSetSource(SourceFiles files) {
    this.files = files;
  }

  /** Images and their labels. */
  private record Arrays(INDArray images, INDArray labels) {}

  @Override
  public Listing list(Split split) throws IOException {
    var found = files.find(split, List.of());
    return new Listing(found.files().stream().map(Piece::of).toList(), List.of(), List.of());
  }

  @Override
  public PieceSummary summarise(Piece piece) throws IOException {
    var arrays = load(piece);
    var labels = new TreeSet<String>();
    for (long row = 0; row < arrays.images.size(0); row++) {
      labels.add(label(piece, arrays.labels, row));
    }
    return new PieceSummary(arrays.images.size(0), labels);
  }

  @Override
  public void read(Piece piece, SampleVisitor visitor) throws IOException {
    var arrays = load(piece);
    for (long row = 0; row < arrays.images.size(0); row++) {
      visitor.sample(
          new Stored(
              row,
              "%s#%d".formatted(piece.path(), row),
              label(piece, arrays.labels, row),
              image(piece, arrays.images, row)));
    }
  }

  private Arrays load(Piece piece) throws IOException {
    var name = piece.path().substring(piece.path().lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    try (var in = new BufferedInputStream(files.open(piece))) {
      return name.contains(MULTI) ? multi(piece, in) : single(piece, in);
    } catch (RuntimeException e) {
      throw new BadDataException(
          "%s can't be read as a DataSet%s: %s"
              .formatted(
                  piece.path(),
                  name.contains(MULTI) ? "" : " (a MultiDataSet has \"multi\" in its name)",
                  e.getMessage()),
          e);
    }
  }

  private static Arrays single(Piece piece, BufferedInputStream in) throws IOException {
    var dataSet = new DataSet();
    dataSet.load(in);
    return checked(piece, dataSet.getFeatures(), dataSet.getLabels());
  }

  private static Arrays multi(Piece piece, BufferedInputStream in) throws IOException {
    var dataSet = new MultiDataSet();
    dataSet.load(in);
    if (dataSet.numFeatureArrays() != 1 || dataSet.numLabelsArrays() != 1) {
      throw new BadDataException(
          "%s has %d arrays of features and %d of labels; there must be one of each"
              .formatted(piece.path(), dataSet.numFeatureArrays(), dataSet.numLabelsArrays()));
    }
    return checked(piece, dataSet.getFeatures(0), dataSet.getLabels(0));
  }

  private static Arrays checked(Piece piece, INDArray images, INDArray labels)
      throws BadDataException {
    if (images == null
        || images.rank() != IMAGE_RANK
        || (images.size(1) != 1 && images.size(1) != 3)) {
      throw new BadDataException(
          "%s has features of shape %s; they must be images [n, 1 or 3 channels, height, width]"
              .formatted(piece.path(), images == null ? "none" : images.shapeInfoToString()));
    }
    if (labels == null || labels.rank() != LABEL_RANK || labels.size(0) != images.size(0)) {
      throw new BadDataException(
          "%s has labels of shape %s for %d images; they must be one-hot [n, classes]"
              .formatted(
                  piece.path(),
                  labels == null ? "none" : labels.shapeInfoToString(),
                  images.size(0)));
    }
    return new Arrays(images, labels.castTo(DataType.DOUBLE));
  }

  private static String label(Piece piece, INDArray labels, long row) throws BadDataException {
    int found = -1;
    for (int column = 0; column < labels.size(1); column++) {
      double value = labels.getDouble(row, column);
      if (value == 1 && found < 0) {
        found = column;
      } else if (value != 0) {
        throw notOneHot(piece, row);
      }
    }
    if (found < 0) {
      throw notOneHot(piece, row);
    }
    return Integer.toString(found);
  }

  private static BadDataException notOneHot(Piece piece, long row) {
    return new BadDataException(
        "%s: the labels of sample %d aren't one 1 among zeros, so it has no one class"
            .formatted(piece.path(), row));
  }

  private static PixelImage image(Piece piece, INDArray images, long row) throws BadDataException {
    var shape = new ImageShape((int) images.size(1), (int) images.size(2), (int) images.size(3));
    double[] values =
        images.slice(row).castTo(DataType.DOUBLE).dup('c').reshape(shape.bytes()).toDoubleVector();
    var pixels = new byte[values.length];
    for (int i = 0; i < pixels.length; i++) {
      if (values[i] < 0 || values[i] > 255 || values[i] != Math.rint(values[i])) {
        throw new BadDataException(
            "%s: sample %d has the value %s, and pixels are whole numbers from 0 to 255; save the data set before it is normalised, the graph normalises it (preprocess.layers)"
                .formatted(piece.path(), row, values[i]));
      }
      pixels[i] = (byte) values[i];
    }
    return new PixelImage(shape, pixels);
  }
}
