package org.murmuration.worker.data;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Batches of images: features fp32 [N, channels, height, width] with values 0 to 255, labels
 * one-hot fp32 [N, classes].
 */
public final class ImageBatches implements BatchSource {

  /** Which samples a step has. */
  private interface Order {
    int steps();

    int count(int step);

    int[] localIndices(int epoch, int step);
  }

  private final SampleStore store;
  private final ImageShape shape;
  private final int classes;
  private final Order order;
  private final Map<Integer, MultiDataSet> arrays = new HashMap<>();

  private ImageBatches(SampleStore store, ImageShape shape, int classes, Order order) {
    this.store = store;
    this.shape = shape;
    this.classes = classes;
    this.order = order;
  }

  /** Batches for training, in the order of every epoch. */
  public static ImageBatches training(
      SampleStore store, EpochOrder order, ImageShape shape, int classes) {
    return new ImageBatches(
        store,
        shape,
        classes,
        new Order() {
          @Override
          public int steps() {
            return order.steps();
          }

          @Override
          public int count(int step) {
            return order.count(step);
          }

          @Override
          public int[] localIndices(int epoch, int step) {
            return order.localIndices(epoch, step);
          }
        });
  }

  /** Batches for evaluation, in the order in which the samples are stored. */
  public static ImageBatches sequential(
      SampleStore store, int batchSize, ImageShape shape, int classes) {
    return new ImageBatches(
        store,
        shape,
        classes,
        new Order() {
          @Override
          public int steps() {
            return (store.size() + batchSize - 1) / batchSize;
          }

          @Override
          public int count(int step) {
            return Math.max(0, Math.min(batchSize, store.size() - step * batchSize));
          }

          @Override
          public int[] localIndices(int epoch, int step) {
            var first = step * batchSize;
            return IntStream.range(first, first + count(step)).toArray();
          }
        });
  }

  @Override
  public int steps() {
    return order.steps();
  }

  @Override
  public int count(int step) {
    return order.count(step);
  }

  @Override
  public long samples() {
    return store.size();
  }

  @Override
  public MultiDataSet batch(int epoch, int step) {
    var indices = order.localIndices(epoch, step);
    var batch = arrays.computeIfAbsent(indices.length, this::newArrays);
    var pixels = batch.getFeatures(0).data().asNioFloat();
    var labels = batch.getLabels(0);
    labels.assign(0);
    for (int i = 0; i < indices.length; i++) {
      store.copyTo(indices[i], pixels, i * shape.bytes());
      labels.putScalar(i, store.label(indices[i]), 1);
    }
    return batch;
  }

  @Override
  public void close() {
    arrays.clear();
  }

  private MultiDataSet newArrays(int count) {
    INDArray features =
        Nd4j.createUninitialized(
            DataType.FLOAT, count, shape.channels(), shape.height(), shape.width());
    return new MultiDataSet(features, Nd4j.createUninitialized(DataType.FLOAT, count, classes));
  }
}
