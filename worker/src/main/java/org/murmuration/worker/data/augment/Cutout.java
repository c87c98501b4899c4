package org.murmuration.worker.data.augment;

import java.util.random.RandomGenerator;
import org.murmuration.worker.data.image.Distortions;

/**
 * A square of one gray whose centre lies anywhere in the image, so that it may stick out (DeVries
 * and Taylor, Improved Regularization of Convolutional Neural Networks with Cutout, 2017). Masks
 * stay.
 *
 * @param size pixels of a side, >= 1
 */
public record Cutout(int size) implements Augmentation {
  private static final int MIDDLE_GRAY = 128;

  /**
   * Checks the size.
   *
   * @throws IllegalArgumentException when it is below 1
   */
  public Cutout {
    Augmentation.require(size >= 1, "size", size, ">= 1");
  }

  @Override
  public void apply(Canvas canvas, RandomGenerator random) {
    int left = random.nextInt(canvas.width()) - size / 2;
    int top = random.nextInt(canvas.height()) - size / 2;
    canvas.recolour(image -> Distortions.filled(image, left, top, size, size, MIDDLE_GRAY));
  }
}
