package org.murmuration.worker.data.augment;

import java.util.random.RandomGenerator;

/**
 * A part of random area and proportion, resized to the target (Szegedy et al., Going Deeper with
 * Convolutions, CVPR 2015). Where ten tries give none that fits, the largest part in the middle
 * whose proportion is allowed.
 *
 * @param minArea the least share of the image's area, > 0
 * @param maxArea the largest share, at most 1
 * @param minAspect the least width per height, > 0
 * @param maxAspect the largest width per height
 */
public record RandomResizedCrop(double minArea, double maxArea, double minAspect, double maxAspect)
    implements Augmentation {
  private static final int TRIES = 10;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException when one is empty or beyond what it may be
   */
  public RandomResizedCrop {
    Augmentation.require(
        minArea > 0 && minArea <= maxArea, "min-area", minArea, "in (0, max-area]");
    Augmentation.require(maxArea <= 1, "max-area", maxArea, "<= 1");
    Augmentation.require(
        minAspect > 0 && minAspect <= maxAspect, "min-aspect", minAspect, "in (0, max-aspect]");
  }

  @Override
  public boolean takesAnySize() {
    return true;
  }

  @Override
  public void apply(Canvas canvas, RandomGenerator random) {
    crop(canvas, random);
    canvas.resize(canvas.targetWidth(), canvas.targetHeight());
  }

  private void crop(Canvas canvas, RandomGenerator random) {
    double area = (double) canvas.width() * canvas.height();
    for (int attempt = 0; attempt < TRIES; attempt++) {
      double wanted = area * between(random, minArea, maxArea);
      double aspect = Math.exp(between(random, Math.log(minAspect), Math.log(maxAspect)));
      int width = (int) Math.round(Math.sqrt(wanted * aspect));
      int height = (int) Math.round(Math.sqrt(wanted / aspect));
      if (width >= 1 && height >= 1 && width <= canvas.width() && height <= canvas.height()) {
        canvas.crop(
            random.nextInt(canvas.width() - width + 1),
            random.nextInt(canvas.height() - height + 1),
            width,
            height);
        return;
      }
    }
    cropMiddle(canvas);
  }

  private void cropMiddle(Canvas canvas) {
    double aspect = (double) canvas.width() / canvas.height();
    int width = canvas.width();
    int height = canvas.height();
    if (aspect < minAspect) {
      height = Math.max(1, (int) Math.round(width / minAspect));
    } else if (aspect > maxAspect) {
      width = Math.max(1, (int) Math.round(height * maxAspect));
    }
    canvas.crop((canvas.width() - width) / 2, (canvas.height() - height) / 2, width, height);
  }

  private static double between(RandomGenerator random, double least, double most) {
    return least + random.nextDouble() * (most - least);
  }
}
