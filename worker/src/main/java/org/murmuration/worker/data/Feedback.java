package org.murmuration.worker.data;

import java.util.List;
import java.util.OptionalInt;

/**
 * What training tells a source of batches whose next epoch depends on it. All of it must be told
 * before the next epoch's first batch is asked for.
 */
public interface Feedback {

  /**
   * What is known of an image.
   *
   * @param number of the image in the data set
   * @param latest the score that it had last; NaN for none
   * @param ordered the score that the order of the epoch under way goes by; NaN for none
   */
  record Scored(long number, float latest, float ordered) {}

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

  /** What is known of all images. */
  List<Scored> scores();

  /**
   * Takes over what {@link #scores} gave here or elsewhere; what is of other images is passed over.
   *
   * @param epochUnderWay the epoch that goes on in the order that it has; empty to begin one
   */
  void restore(OptionalInt epochUnderWay, List<Scored> scores);
}
