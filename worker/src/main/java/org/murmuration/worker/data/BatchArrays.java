package org.murmuration.worker.data;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Turns samples of a store into the arrays of a batch: features UINT8 [n, channels, height, width],
 * labels float one-hot [n, classes].
 *
 * <p>There are two sets of arrays, filled in turn: a batch stays as it is while the next one is
 * filled, and serves the one after that if it is of the same size. For one thread at a time.
 */
final class BatchArrays {

  /** The arrays of one batch. */
  private record Arrays(INDArray features, INDArray labels) {}

  private final SampleStore store;
  private final int classes;
  private Arrays last;
  private Arrays lastButOne;

  /**
   * @throws IllegalArgumentException when the store holds other shapes or a label outside
   *     0..classes-1
   */
  BatchArrays(SampleStore store, ImageShape shape, int classes) {
    if (!store.shape().equals(shape)) {
      throw new IllegalArgumentException(
          "the sample store holds %s, the batches need %s".formatted(store.shape(), shape));
    }
    this.store = store;
    this.classes = classes;
    for (int i = 0; i < store.size(); i++) {
      requireLabel(i);
    }
  }

  /** The batch of these samples of the store, in this order. */
  MultiDataSet fill(int[] indices) {
    Arrays arrays = free(indices.length);
    ByteBuffer pixels = arrays.features.data().asNio();
    FloatBuffer oneHot = arrays.labels.data().asNioFloat();
    for (int row = 0; row < indices.length; row++) {
      store.copyTo(indices[row], pixels, row * store.shape().bytes());
      int label = requireLabel(indices[row]);
      for (int c = 0; c < classes; c++) {
        oneHot.put(row * classes + c, c == label ? 1 : 0);
      }
    }
    // Only now: a batch that could not be filled takes no turn.
    lastButOne = last;
    last = arrays;
    return new org.nd4j.linalg.dataset.MultiDataSet(arrays.features, arrays.labels);
  }

  /** The arrays that aren't those of the last batch. */
  private Arrays free(int count) {
    return lastButOne != null && lastButOne.features.size(0) == count
        ? lastButOne
        : allocate(count);
  }

  private Arrays allocate(int count) {
    ImageShape shape = store.shape();
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

  private int requireLabel(int index) {
    int label = store.label(index);
    if (label < 0 || label >= classes) {
      throw new IllegalArgumentException(
          "sample %d of the store has label %d; with %d classes labels are 0..%d"
              .formatted(index, label, classes, classes - 1));
    }
    return label;
  }
}
