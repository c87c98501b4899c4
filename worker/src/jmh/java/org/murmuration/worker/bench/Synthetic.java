package org.murmuration.worker.bench;

import java.util.stream.IntStream;

/**
 * Images, labels and weights that every contender makes for itself and that are the same in all.
 */
final class Synthetic {
  private static final long IMAGES = 1;
  private static final long WEIGHTS = 2;

  private Synthetic() {}

  /** Pixels, uniform in [-1, 1), in the order NCHW. */
  static float[] images(int count) {
    return values(IMAGES, count, 1);
  }

  /** The class of each image. */
  static int[] labels(int count) {
    return IntStream.range(0, count).map(i -> i * 7 % Workload.CLASSES).toArray();
  }

  /**
   * Weights as PyTorch draws them, uniform in +-1/sqrt(fan in); layers of one size get the same.
   *
   * @param outputs the outputs of a dense layer or the filters of a convolution
   * @param fanIn how many values one output reads
   * @return by output, then by what it reads, channels before rows before columns
   */
  static float[] weights(int outputs, int fanIn) {
    return values(WEIGHTS, outputs * fanIn, 1 / Math.sqrt(fanIn));
  }

  private static float[] values(long stream, int count, double bound) {
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (bound * uniform((stream << 32) + i));
    }
    return values;
  }

  /** The mixing function of SplitMix64 (Steele, Lea and Flood 2014), as a number in [-1, 1). */
  private static double uniform(long key) {
    long z = key * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return ((z ^ (z >>> 31)) >> 11) * 0x1p-52;
  }
}
