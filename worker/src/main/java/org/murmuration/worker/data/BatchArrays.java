package org.murmuration.worker.data;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The arrays of batches: features UINT8 [n, channels, height, width], labels float [n, classes].
 *
 * <p>There are two sets of arrays, filled in turn: a batch stays as it is while the next one is
 * filled, and serves the one after that if it is of the same size. For one thread at a time.
 */
public final class BatchArrays {

  /** The arrays of one batch. */
  private record Arrays(INDArray features, INDArray labels) {}

  private final ImageShape shape;
  private final int classes;
  private final float smoothing;
  private Arrays last;
  private Arrays lastButOne;

  /** For labels as they are. */
  BatchArrays(ImageShape shape, int classes) {
    this(shape, classes, 0);
  }

  /**
   * No arrays yet.
   *
   * @param smoothing the share of each label that is spread over all classes (Szegedy et al.:
   *     Rethinking the inception architecture, 2016)
   */
  public BatchArrays(ImageShape shape, int classes, double smoothing) {
    this.shape = shape;
    this.classes = classes;
    this.smoothing = (float) smoothing;
  }

  /** Writes all rows of a batch. */
  public interface Rows {
    /**
     * Writes them.
     *
     * @param pixels row by row, each channel by channel
     * @param labels row by row, a weight for each class; all are to be written
     */
    void fill(ByteBuffer pixels, FloatBuffer labels);
  }

  /** A batch of so many rows. */
  public MultiDataSet fill(int count, Rows rows) {
    Arrays arrays = free(count);
    var labels = arrays.labels.data().asNioFloat();
    rows.fill(arrays.features.data().asNio(), labels);
    smooth(labels, count * classes);
    // Only now: a batch that could not be filled takes no turn.
    lastButOne = last;
    last = arrays;
    return new org.nd4j.linalg.dataset.MultiDataSet(arrays.features, arrays.labels);
  }

  private void smooth(FloatBuffer labels, int values) {
    if (smoothing > 0) {
      for (int i = 0; i < values; i++) {
        labels.put(i, labels.get(i) * (1 - smoothing) + smoothing / classes);
      }
    }
  }

  /** A batch of these samples of the store, in this order. */
  MultiDataSet fill(SampleStore store, int[] indices) {
    return fill(
        indices.length,
        (pixels, labels) -> {
          for (int row = 0; row < indices.length; row++) {
            store.copyTo(indices[row], pixels, row * shape.bytes());
            int label = store.label(indices[row]);
            for (int c = 0; c < classes; c++) {
              labels.put(row * classes + c, c == label ? 1 : 0);
            }
          }
        });
  }

  /**
   * Checks that samples fit.
   *
   * @throws IllegalArgumentException when the store holds other shapes or a label outside
   *     0..classes-1
   */
  void require(SampleStore store) {
    if (!store.shape().equals(shape)) {
      throw new IllegalArgumentException(
          "the sample store holds %s, the batches need %s".formatted(store.shape(), shape));
    }
    for (int i = 0; i < store.size(); i++) {
      int label = store.label(i);
      if (label < 0 || label >= classes) {
        throw new IllegalArgumentException(
            "sample %d of the store has label %d; with %d classes labels are 0..%d"
                .formatted(i, label, classes, classes - 1));
      }
    }
  }

  /** The arrays that aren't those of the last batch. */
  private Arrays free(int count) {
    return lastButOne != null && lastButOne.features.size(0) == count
        ? lastButOne
        : allocate(count);
  }

  private Arrays allocate(int count) {
    // One buffer is indexed by int.
    Math.multiplyExact(count, Math.max(shape.bytes(), classes));
    // The arrays outlive the workspaces of the training loop.
    MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
    try {
      return new Arrays(
          Nd4j.createUninitialized(
              DataType.UINT8, count, shape.channels(), shape.height(), shape.width()),
          Nd4j.createUninitialized(DataType.FLOAT, count, classes));
    } finally {
      outside.close();
    }
  }
}
