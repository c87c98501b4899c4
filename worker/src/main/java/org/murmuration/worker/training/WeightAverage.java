package org.murmuration.worker.training;

import java.nio.FloatBuffer;

/**
 * The mean of the parameters over the steps, of which the last ones weigh most (Polyak and Juditsky
 * 1992; as an exponential mean: Szegedy et al. 2016). It wobbles less than the parameters do, and
 * is what is evaluated and saved. The first steps are forgotten faster, as in TensorFlow: after t
 * steps the mean keeps min(decay, (1 + t) / (10 + t)) of itself.
 *
 * <p>Running statistics are among the parameters, so they are averaged likewise.
 */
final class WeightAverage {
  private static final int CHUNK = 1024;

  private final double decay;
  private final float[] mean;
  private final float[] chunk = new float[CHUNK];

  /**
   * Starts with parameters as they are.
   *
   * @param decay how much of the mean stays at each step, in (0, 1)
   */
  WeightAverage(double decay, FloatBuffer parameters) {
    this.decay = decay;
    this.mean = new float[parameters.remaining()];
    parameters.get(parameters.position(), mean);
  }

  /**
   * Takes in what a step has made of the parameters.
   *
   * @param steps done, this one included
   */
  void add(FloatBuffer parameters, int steps) {
    var fresh = (float) (1 - Math.min(decay, (1.0 + steps) / (10.0 + steps)));
    for (int at = 0; at < mean.length; at += CHUNK) {
      int length = Math.min(CHUNK, mean.length - at);
      parameters.get(at, chunk, 0, length);
      for (int i = 0; i < length; i++) {
        mean[at + i] += fresh * (chunk[i] - mean[at + i]);
      }
    }
  }

  /** Puts the mean in the parameters' place, and them in its. */
  void exchange(FloatBuffer parameters) {
    for (int at = 0; at < mean.length; at += CHUNK) {
      int length = Math.min(CHUNK, mean.length - at);
      parameters.get(at, chunk, 0, length);
      parameters.put(at, mean, at, length);
      System.arraycopy(chunk, 0, mean, at, length);
    }
  }

  /** A copy. */
  FloatBuffer values() {
    return FloatBuffer.wrap(mean.clone());
  }
}
