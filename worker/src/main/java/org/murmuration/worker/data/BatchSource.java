package org.murmuration.worker.data;

import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * The batches of one rank. How many samples a step has is the same in every epoch; which ones may
 * differ. Used by one thread.
 */
public interface BatchSource extends AutoCloseable {

  /** Steps for which this rank has samples; other ranks may have more. */
  int steps();

  /** This rank's samples in a step; 0 from {@link #steps()} on. */
  int count(int step);

  /** All samples of this rank. */
  long samples();

  /**
   * The samples of a step. The arrays are the source's own: they are valid until the next call.
   *
   * @param epoch counting from 0; decides the order
   * @param step counting from 0, below {@link #steps()}
   */
  MultiDataSet batch(int epoch, int step);

  @Override
  void close();
}
