package org.murmuration.worker.data.augment;

import java.util.random.RandomGenerator;

/**
 * The mirror image, or not.
 *
 * @param leftAndRight whether left and right change places, or top and bottom
 * @param probability in [0, 1]
 */
public record Flip(boolean leftAndRight, double probability) implements Augmentation {

  /**
   * Checks the probability.
   *
   * @throws IllegalArgumentException when it isn't in [0, 1]
   */
  public Flip {
    Augmentation.require(
        probability >= 0 && probability <= 1, "probability", probability, "in [0, 1]");
  }

  @Override
  public void apply(Canvas canvas, RandomGenerator random) {
    if (random.nextDouble() < probability) {
      canvas.flip(leftAndRight);
    }
  }
}
