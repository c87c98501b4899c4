package org.murmuration.worker.accel;

import org.murmuration.worker.accel.plan.GradientListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** What a network is computed with. For one thread at a time. */
public interface Computation extends AutoCloseable {

  /**
   * Forward and backward; fills the network's flat gradient vector with the sum over the batch.
   *
   * @param listener hears which parts of the gradient are finished, while the rest is computed
   * @return the sum of the samples' losses, regularisation included in each
   */
  double computeGradient(MultiDataSet batch, GradientListener listener);

  /** The outputs of inference; the arrays are the caller's. */
  INDArray[] output(INDArray... features);

  @Override
  void close();
}
