package org.murmuration.worker.data;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Turns samples of a store into the arrays of a batch: features float [n, channels, height, width]
 * with values 0..255, labels float one-hot [n, classes]. The arrays of one batch serve the next one
 * of the same size.
 */
final class BatchArrays {

  private final SampleStore store;
  private final int classes;
  private INDArray features;
  private INDArray labels;

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
    if (features == null || features.size(0) != indices.length) {
      allocate(indices.length);
    }
    FloatBuffer pixels = features.data().asNioFloat();
    FloatBuffer oneHot = labels.data().asNioFloat();
    for (int row = 0; row < indices.length; row++) {
      store.copyTo(indices[row], pixels, row * store.shape().bytes());
      int label = requireLabel(indices[row]);
      for (int c = 0; c < classes; c++) {
        oneHot.put(row * classes + c, c == label ? 1 : 0);
      }
    }
    return new org.nd4j.linalg.dataset.MultiDataSet(features, labels);
  }

  private void allocate(int count) {
    ImageShape shape = store.shape();
    // One buffer is indexed by int.
    Math.multiplyExact(count, Math.max(shape.bytes(), classes));
    // The arrays outlive the workspaces of the training loop.
    MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
    try {
      features =
          Nd4j.createUninitialized(
              DataType.FLOAT, count, shape.channels(), shape.height(), shape.width());
      labels = Nd4j.createUninitialized(DataType.FLOAT, count, classes);
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
