package org.murmuration.worker.data;

/**
 * What training tells a source of batches whose next epoch depends on it. All of it must be told
 * before the next epoch's first batch is asked for.
 */
public interface Feedback {

  /** Whether {@link #record} makes a difference. */
  boolean wantsScores();

  /**
   * Tells what the images of a batch have turned out to be.
   *
   * @param scores one for each of the batch's images, the higher the harder
   */
  void record(int epoch, int step, float[] scores);

  /**
   * Tells how many images are to be augmented.
   *
   * @param strength the share, in [0, 1]
   */
  void augment(double strength);

  /** The scores of all images, in an order that only the lanes decide; NaN for unknown ones. */
  float[] scores();

  /**
   * Takes over what {@link #scores} gave.
   *
   * @throws IllegalArgumentException when it is of another number of images
   */
  void restore(float[] scores);
}
