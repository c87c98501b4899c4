package org.murmuration.worker.data;

import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Every sample of a store once, in the order of the store, whatever the epoch; the last batch may
 * be smaller. Shapes, values and the reuse of arrays are those of {@link ImageBatches}.
 */
public final class EvaluationBatches implements BatchSource {

  private final SampleStore store;
  private final int batchSize;
  private final BatchArrays arrays;

  /**
   * @param store the filled store; {@link #close} closes it
   * @throws IllegalArgumentException when the batch size is below 1, the store holds other shapes
   *     or a label outside 0..classes-1
   */
  public EvaluationBatches(SampleStore store, ImageShape shape, int classes, int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch size must be at least 1, was " + batchSize);
    }
    this.store = store;
    this.batchSize = batchSize;
    this.arrays = new BatchArrays(store, shape, classes);
  }

  @Override
  public int steps() {
    return (int) (((long) store.size() + batchSize - 1) / batchSize);
  }

  @Override
  public int count(int step) {
    long left = store.size() - (long) step * batchSize;
    return (int) Math.max(0, Math.min(batchSize, left));
  }

  @Override
  public long samples() {
    return store.size();
  }

  @Override
  public MultiDataSet batch(int epoch, int step) {
    if (step < 0 || count(step) == 0) {
      throw new IllegalArgumentException(
          "step %d has no samples: there are %d steps".formatted(step, steps()));
    }
    return arrays.fill(IntStream.range(0, count(step)).map(i -> step * batchSize + i).toArray());
  }

  @Override
  public void close() {
    store.close();
  }
}
