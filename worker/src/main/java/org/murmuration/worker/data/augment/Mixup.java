package org.murmuration.worker.data.augment;

import java.util.random.RandomGenerator;
import org.murmuration.worker.data.ImageShape;

/**
 * The weighted mean of two images, rounded (Zhang et al., mixup: Beyond Empirical Risk
 * Minimization, 2018).
 *
 * @param alpha the weight is drawn from Beta(alpha, alpha); > 0
 */
public record Mixup(double alpha) implements Mixing {

  /**
   * Checks alpha.
   *
   * @throws IllegalArgumentException when it isn't above 0
   */
  public Mixup {
    Augmentation.require(alpha > 0, "alpha", alpha, "> 0");
  }

  @Override
  public double mix(byte[] image, byte[] other, ImageShape shape, RandomGenerator random) {
    double own = Beta.next(alpha, random);
    for (int i = 0; i < image.length; i++) {
      image[i] =
          (byte)
              Math.round(
                  own * Byte.toUnsignedInt(image[i]) + (1 - own) * Byte.toUnsignedInt(other[i]));
    }
    return own;
  }
}
