package org.murmuration.worker.data;

import java.util.Optional;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Training batches of images in the order of an epoch: features UINT8 [n, channels, height, width],
 * labels float one-hot [n, classes].
 *
 * <p>Two sets of arrays serve in turn: a batch uses those of the batch before the last, when both
 * have the same number of samples. For one thread at a time.
 */
public final class ImageBatches implements BatchSource {

  private final SampleStore store;
  private final long[] numbers;
  private final EpochOrder order;
  private final BatchArrays arrays;

  /**
   * @param store the filled store; {@link #close} closes it
   * @param numbers of the samples in the data set, by their index in the store
   * @param order names the samples of the store by their index
   * @param smoothing the share of each label that is spread over all classes
   * @throws IllegalArgumentException when the store holds other shapes or a label outside
   *     0..classes-1
   */
  public ImageBatches(
      SampleStore store,
      long[] numbers,
      EpochOrder order,
      ImageShape shape,
      int classes,
      double smoothing) {
    this.store = store;
    this.numbers = numbers.clone();
    this.order = order;
    this.arrays = new BatchArrays(shape, classes, smoothing);
    arrays.require(store);
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
    return order.samples();
  }

  @Override
  public long[] numbers() {
    return numbers.clone();
  }

  @Override
  public MultiDataSet batch(int epoch, int step) {
    if (count(step) == 0) {
      throw new IllegalArgumentException(
          "step %d has no samples on this rank, which has %d steps".formatted(step, steps()));
    }
    int[] samples = order.localIndices(epoch, step);
    var batch = SampleNumbers.set(arrays.fill(store, samples), numbers, samples);
    return SampleNumbers.weigh(batch, order.weights(epoch, step));
  }

  @Override
  public Optional<Feedback> feedback() {
    return order.goesByScores()
        ? Optional.of(new OrderFeedback(order, numbers, strength -> {}))
        : Optional.empty();
  }

  @Override
  public void close() {
    store.close();
  }
}
