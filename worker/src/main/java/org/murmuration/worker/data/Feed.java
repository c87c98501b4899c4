package org.murmuration.worker.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Which images of a lane are fed in an epoch, and with what weight, by what training has found out
 * about each. A lane is the same for any number of ranks, and so is what a feed makes of it.
 */
public interface Feed extends Serializable {

  /**
   * What is fed.
   *
   * @param positions in the lane, as many as the lane is long; in the order in which they are fed
   * @param weights of each in the loss; empty where all are 1
   */
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
  record Choice(int[] positions, float[] weights) {
    static Choice of(int... positions) {
      return new Choice(positions, new float[0]);
    }
  }

  /** Every image once, in random order. */
  record Shuffled() implements Feed {
    @Override
    public Choice choose(int epoch, float[] scores, SplittableRandom random) {
      return Choice.of(shuffle(all(scores.length), random));
    }

    @Override
    public boolean goesByScores() {
      return false;
    }
  }

  /**
   * Chooses.
   *
   * @param epoch from 0
   * @param scores of the lane's images, the higher the harder; NaN where nothing is known yet
   */
  Choice choose(int epoch, float[] scores, SplittableRandom random);

  /** Whether scores make a difference. */
  default boolean goesByScores() {
    return true;
  }

  /**
   * Importance sampling (Katharopoulos and Fleuret: Not all samples are created equal, 2018):
   * images are drawn with probabilities in proportion to their scores, and weigh one over n times
   * their probability, so that the gradient's expectation is that of the plain mean. Draws are
   * systematic (one random number, steps of the same length), which varies least.
   *
   * @param even the share of the probability that is spread evenly: it bounds the weights, and lets
   *     images be looked at again whose score was low; in (0, 1]
   */
  record Importance(double even) implements Feed {
    @Override
    public Choice choose(int epoch, float[] scores, SplittableRandom random) {
      int n = scores.length;
      double sum = 0;
      for (float score : scores) {
        sum += score;
      }
      if (!(sum > 0)) {
        return new Shuffled().choose(epoch, scores, random);
      }
      var expected = new double[n];
      for (int i = 0; i < n; i++) {
        expected[i] = (1 - even) * n * scores[i] / sum + even;
      }
      return weighed(draw(expected, random.nextDouble()), expected, random);
    }

    /** Goes along the line of all expected numbers of draws in steps of 1. */
    private static int[] draw(double[] expected, double first) {
      var drawn = new int[expected.length];
      int image = 0;
      double end = expected[0];
      for (int k = 0; k < drawn.length; k++) {
        while (first + k >= end && image < drawn.length - 1) {
          image++;
          end += expected[image];
        }
        drawn[k] = image;
      }
      return drawn;
    }

    private static Choice weighed(int[] drawn, double[] expected, SplittableRandom random) {
      shuffle(drawn, random);
      var weights = new float[drawn.length];
      for (int k = 0; k < drawn.length; k++) {
        weights[k] = (float) (1 / expected[drawn[k]]);
      }
      return new Choice(drawn, weights);
    }
  }

  /**
   * A share of an epoch is the hardest images once more, in place of the easiest (after
   * Shrivastava, Gupta, Girshick: Training region-based object detectors with online hard example
   * mining, 2016). The weights stay 1: the loss is another on purpose.
   *
   * @param share in [0, 0.5]
   */
  record HardExamples(double share) implements Feed {
    @Override
    public Choice choose(int epoch, float[] scores, SplittableRandom random) {
      if (unknown(scores)) {
        return new Shuffled().choose(epoch, scores, random);
      }
      var byScore = easiestFirst(scores);
      int n = scores.length;
      int replaced = (int) (share * n);
      for (int i = 0; i < replaced; i++) {
        byScore[i] = byScore[n - 1 - i];
      }
      return Choice.of(shuffle(byScore, random));
    }
  }

  /**
   * Easy images first (Kumar, Packer, Koller: Self-paced learning, 2010): of the second epoch on
   * only the easiest share is fed, again and again until the epoch is full; the share grows evenly
   * to all of them.
   *
   * @param start the share in the second epoch, in (0, 1]; the first tells which are easy
   * @param epochs after which all are fed, at least 1
   */
  record Curriculum(double start, int epochs) implements Feed {
    @Override
    public Choice choose(int epoch, float[] scores, SplittableRandom random) {
      if (unknown(scores) || epoch > epochs) {
        return new Shuffled().choose(epoch, scores, random);
      }
      double share = Math.min(1, start + (1 - start) * (epoch - 1) / epochs);
      int n = scores.length;
      int fed = Math.max(1, (int) Math.round(share * n));
      var easy = Arrays.copyOf(easiestFirst(scores), fed);
      var positions = new int[n];
      for (int at = 0; at < n; at += fed) {
        System.arraycopy(shuffle(easy, random), 0, positions, at, Math.min(fed, n - at));
      }
      return Choice.of(positions);
    }
  }

  private static boolean unknown(float... scores) {
    return IntStream.range(0, scores.length).allMatch(i -> Float.isNaN(scores[i]));
  }

  /** What is unknown, such as an image that was bad, counts as hardest; equals keep their order. */
  private static int[] easiestFirst(float... scores) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted((a, b) -> Float.compare(scores[a], scores[b]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static int[] all(int length) {
    return IntStream.range(0, length).toArray();
  }

  /** As {@link EpochOrder} documents it. */
  private static int[] shuffle(int[] values, SplittableRandom random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = (int) Math.multiplyHigh(random.nextLong() >>> 1, 2L * (i + 1));
      int swapped = values[i];
      values[i] = values[j];
      values[j] = swapped;
    }
    return values;
  }
}
