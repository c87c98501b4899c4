package org.murmuration.worker.data;

import java.util.Optional;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** The batches of one rank. */
public interface BatchSource extends AutoCloseable {

  /** Steps of an epoch for which this rank has samples. */
  int steps();

  /** Samples of this rank in a step; 0 beyond {@link #steps}. */
  int count(int step);

  /** Samples of this rank in an epoch. */
  long samples();

  /**
   * The numbers of this rank's samples in the data set, as {@link SampleNumbers} says which a batch
   * has; none where samples have no numbers.
   */
  default long[] numbers() {
    return new long[0];
  }

  /**
   * A batch of {@code count(step)} samples.
   *
   * <p>For the caller: be done with one batch, or copy it, before asking for the next. Once that is
   * there, the arrays of the one before may be filled anew at any time, also by another thread.
   *
   * <p>For the source: leave the arrays of a batch alone while the next one is made, whichever that
   * is. {@link PrefetchingBatches} makes it while the caller computes on the one before.
   *
   * @throws IllegalArgumentException when the rank has no samples in that step
   */
  MultiDataSet batch(int epoch, int step);

  /** Where to tell what training finds out, if the source's next epochs depend on it. */
  default Optional<Feedback> feedback() {
    return Optional.empty();
  }

  /** Gives the samples back; the last batch must be done with. */
  @Override
  void close();
}
