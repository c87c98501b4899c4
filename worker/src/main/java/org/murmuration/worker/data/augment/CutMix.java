package org.murmuration.worker.data.augment;

import java.util.random.RandomGenerator;
import org.murmuration.worker.data.ImageShape;

/**
 * A rectangle of another image in an image; labels have the weights of the areas (Yun et al.,
 * CutMix, ICCV 2019). The rectangle's centre lies anywhere, so that a part of it may be cut off.
 *
 * @param alpha the share outside of the rectangle is drawn from Beta(alpha, alpha); > 0
 */
public record CutMix(double alpha) implements Mixing {

  /**
   * Checks alpha.
   *
   * @throws IllegalArgumentException when it isn't above 0
   */
  public CutMix {
    Augmentation.require(alpha > 0, "alpha", alpha, "> 0");
  }

  @Override
  public double mix(byte[] image, byte[] other, ImageShape shape, RandomGenerator random) {
    double side = Math.sqrt(1 - Beta.next(alpha, random));
    int width = (int) (shape.width() * side);
    int height = (int) (shape.height() * side);
    int x = random.nextInt(shape.width());
    int y = random.nextInt(shape.height());
    int left = Math.max(0, x - width / 2);
    int top = Math.max(0, y - height / 2);
    int right = Math.min(shape.width(), x - width / 2 + width);
    int bottom = Math.min(shape.height(), y - height / 2 + height);
    int plane = shape.height() * shape.width();
    for (int channel = 0; channel < shape.channels(); channel++) {
      for (int row = top; row < bottom; row++) {
        int from = channel * plane + row * shape.width() + left;
        System.arraycopy(other, from, image, from, Math.max(0, right - left));
      }
    }
    double cut = (double) Math.max(0, right - left) * Math.max(0, bottom - top);
    return 1 - cut / plane;
  }
}
