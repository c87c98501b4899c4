package org.murmuration.worker.data.augment;

import java.util.random.RandomGenerator;

/**
 * A part of the same size of the image with a black border: the image moved by up to the border's
 * width.
 *
 * @param padding pixels of the border on each side, >= 1
 */
public record PadAndCrop(int padding) implements Augmentation {

  /**
   * Checks the border.
   *
   * @throws IllegalArgumentException when there is none
   */
  public PadAndCrop {
    Augmentation.require(padding >= 1, "padding", padding, ">= 1");
  }

  @Override
  public void apply(Canvas canvas, RandomGenerator random) {
    int width = canvas.width();
    int height = canvas.height();
    canvas.pad(padding);
    canvas.crop(random.nextInt(2 * padding + 1), random.nextInt(2 * padding + 1), width, height);
  }
}
