package org.murmuration.worker.data;

import java.util.function.DoubleConsumer;

/**
 * Feedback to an order of samples, and to what augments them.
 *
 * @param strength takes the share of images to augment
 */
public record OrderFeedback(EpochOrder order, DoubleConsumer strength) implements Feedback {
  @Override
  public boolean wantsScores() {
    return order.goesByScores();
  }

  @Override
  public void record(int epoch, int step, float[] scores) {
    order.record(epoch, step, scores);
  }

  @Override
  public void augment(double share) {
    strength.accept(share);
  }

  @Override
  public float[] scores() {
    return order.scores();
  }

  @Override
  public void restore(float[] scores) {
    order.restore(scores);
  }
}
