package org.murmuration.worker.accel;

import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.SampleLosses;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** What a network is computed with. For one thread at a time. */
public interface Computation extends AutoCloseable {

  /**
   * Says which step comes next: dropouts may go by it, and draw their masks from the seed, so that
   * they depend on the position in the job and not on what ran before.
   */
  void moveTo(int epoch, int iteration, long seed);

  /**
   * Forward and backward; fills the network's flat gradient vector with what DL4J would: the sum
   * over the batch, and for the running statistics of batch normalisation the step.
   *
   * @param listener hears which parts of the gradient are finished, while the rest is computed
   * @return the sum of the samples' losses, regularisation included in each
   */
  double computeGradient(MultiDataSet batch, GradientListener listener);

  /**
   * What the last {@link #computeGradient} found out about each sample, without computing anything
   * more; unknown where DL4J computes, or for anything but one softmax of images.
   */
  SampleLosses sampleLosses();

  /** The outputs of inference; the arrays are the caller's. */
  INDArray[] output(INDArray... features);

  /** What it turned out to be. */
  ComputationInfo info();

  @Override
  void close();
}
