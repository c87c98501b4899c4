package org.murmuration.worker.data;

import java.util.Arrays;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Samples of a store, each once and in one order, whatever the epoch; the last batch may be
 * smaller. Shapes, values and the reuse of arrays are those of {@link ImageBatches}.
 */
public final class EvaluationBatches implements BatchSource {

  private final SampleStore store;
  private final int[] order;
  private final int batchSize;
  private final BatchArrays arrays;

  /**
   * @param store the filled store; {@link #close} closes it
   * @param order the samples by their index in the store
   * @throws IllegalArgumentException when the batch size is below 1, the store holds other shapes
   *     or a label outside 0..classes-1
   */
  public EvaluationBatches(
      SampleStore store, int[] order, ImageShape shape, int classes, int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch size must be at least 1, was " + batchSize);
    }
    this.store = store;
    this.order = order.clone();
    this.batchSize = batchSize;
    this.arrays = new BatchArrays(shape, classes);
    arrays.require(store);
  }

  @Override
  public int steps() {
    return (int) (((long) order.length + batchSize - 1) / batchSize);
  }

  @Override
  public int count(int step) {
    long left = order.length - (long) step * batchSize;
    return (int) Math.max(0, Math.min(batchSize, left));
  }

  @Override
  public long samples() {
    return order.length;
  }

  @Override
  public MultiDataSet batch(int epoch, int step) {
    if (step < 0 || count(step) == 0) {
      throw new IllegalArgumentException(
          "step %d has no samples: there are %d steps".formatted(step, steps()));
    }
    int from = step * batchSize;
    return arrays.fill(store, Arrays.copyOfRange(order, from, from + count(step)));
  }

  @Override
  public void close() {
    store.close();
  }
}
