package org.murmuration.worker.data.augment;

import java.io.Serializable;
import java.util.random.RandomGenerator;

/** A random change of an image, which its mask follows. Immutable. */
public interface Augmentation extends Serializable {

  /**
   * Changes the image.
   *
   * @param canvas holds the image
   * @param random of this augmentation and this sample in this epoch
   */
  void apply(Canvas canvas, RandomGenerator random);

  /** Whether it takes channels for red, green and blue, or for gray. */
  default boolean needsColours() {
    return false;
  }

  /** Whether it makes an image of any size one of the target's size. */
  default boolean takesAnySize() {
    return false;
  }

  /** Refuses a number that isn't in a range. */
  static void require(boolean holds, String name, Object value, String rule) {
    if (!holds) {
      throw new IllegalArgumentException("%s = %s must be %s".formatted(name, value, rule));
    }
  }
}
