package org.murmuration.worker.training;

import java.io.Serializable;

/**
 * What is averaged, and when.
 *
 * @param bucketBytes the gradient is summed in parts of so many bytes, each as soon as it is
 *     computed
 * @param every 1 to average gradients at every step; more to average parameters after so many
 *     steps, between which every rank goes its own way
 * @param outerLearningRate with parameters: how far they go towards the mean; 1 is all the way
 * @param outerMomentum with parameters: the Nesterov momentum of these steps
 */
public record AveragingPlan(
    int bucketBytes, int every, double outerLearningRate, double outerMomentum)
    implements Serializable {
  private static final int DEFAULT_BUCKET = 4 * 1024 * 1024;

  /** Gradients at every step. */
  public static AveragingPlan defaults() {
    return new AveragingPlan(DEFAULT_BUCKET, 1, 1, 0);
  }
}
