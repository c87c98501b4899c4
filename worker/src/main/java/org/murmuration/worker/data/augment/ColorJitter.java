package org.murmuration.worker.data.augment;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.murmuration.worker.data.image.Raster;

/**
 * Random brightness, contrast, saturation and hue, in random order (as torchvision's ColorJitter
 * defines them).
 *
 * @param brightness the factor is in [max(0, 1 - brightness), 1 + brightness]
 * @param contrast likewise
 * @param saturation likewise
 * @param hue the hue is turned by up to so many full turns to either side, in [0, 0.5]
 */
public record ColorJitter(double brightness, double contrast, double saturation, double hue)
    implements Augmentation {
  private static final double HALF_TURN = 0.5;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException when one is negative, or the hue above 0.5
   */
  public ColorJitter {
    Augmentation.require(brightness >= 0, "brightness", brightness, ">= 0");
    Augmentation.require(contrast >= 0, "contrast", contrast, ">= 0");
    Augmentation.require(saturation >= 0, "saturation", saturation, ">= 0");
    Augmentation.require(hue >= 0 && hue <= HALF_TURN, "hue", hue, "in [0, 0.5]");
  }

  @Override
  public boolean needsColours() {
    return true;
  }

  @Override
  public void apply(Canvas canvas, RandomGenerator random) {
    double brighter = factor(random, brightness);
    double sharper = factor(random, contrast);
    double fuller = factor(random, saturation);
    double turned = (2 * random.nextDouble() - 1) * hue;
    List<UnaryOperator<Raster>> changes = new ArrayList<>();
    add(changes, brightness, image -> ColorChange.brightness(image, brighter));
    add(changes, contrast, image -> ColorChange.contrast(image, sharper));
    add(changes, saturation, image -> ColorChange.saturation(image, fuller));
    add(changes, hue, image -> ColorChange.hue(image, turned));
    while (!changes.isEmpty()) {
      canvas.recolour(changes.remove(random.nextInt(changes.size())));
    }
  }

  private static void add(
      List<UnaryOperator<Raster>> changes, double strength, UnaryOperator<Raster> change) {
    if (strength > 0) {
      changes.add(change);
    }
  }

  private static double factor(RandomGenerator random, double strength) {
    double least = Math.max(0, 1 - strength);
    return least + random.nextDouble() * (1 + strength - least);
  }
}
