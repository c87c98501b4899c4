package org.murmuration.worker.training;

import java.io.Serializable;
import java.util.List;
import org.murmuration.worker.accel.plan.SampleLosses;

/**
 * What training tells the source of its batches.
 *
 * @param score what says how hard an image is
 * @param gap by which share the test loss may be above the training loss before more images are
 *     augmented (after Karras et al.: Training generative adversarial networks with limited data,
 *     2020); 0 where all are augmented always
 */
public record FeedbackPlan(Score score, double gap) implements Serializable {

  /** How much the share of augmented images changes from epoch to epoch. */
  private static final double STEP = 0.1;

  /** What says how hard an image is. */
  public enum Score {
    /** Its loss. */
    LOSS,
    /** The norm of its loss's gradient with respect to the logits. */
    GRADIENT_NORM;

    float[] of(SampleLosses found) {
      return switch (this) {
        case LOSS -> found.losses();
        case GRADIENT_NORM -> found.gradientNorms();
      };
    }
  }

  /** All images are augmented. */
  public static FeedbackPlan defaults() {
    return new FeedbackPlan(Score.GRADIENT_NORM, 0);
  }

  /**
   * The share of images to augment after so many epochs: it starts at 0, and goes up after each
   * evaluation that found a larger gap, and down after the others. Of the epochs alone, so that a
   * run that is resumed goes on with it.
   */
  double strength(List<EpochReport> epochs) {
    if (gap == 0) {
      return 1;
    }
    int steps = 0;
    for (var epoch : epochs) {
      if (!Double.isNaN(epoch.testLoss())) {
        boolean apart = epoch.testLoss() > (1 + gap) * epoch.loss();
        steps = Math.max(0, Math.min((int) Math.round(1 / STEP), steps + (apart ? 1 : -1)));
      }
    }
    return steps * STEP;
  }
}
