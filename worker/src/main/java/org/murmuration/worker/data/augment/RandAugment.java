package org.murmuration.worker.data.augment;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A few operations out of fourteen, all of one magnitude (Cubuk et al., RandAugment, 2020):
 * identity, auto-contrast, equalize, rotate, solarize, color, posterize, contrast, brightness,
 * sharpness, shear and translate along either axis. Those with a direction take either.
 *
 * @param operations how many, >= 1
 * @param magnitude from 0, which changes little, to 10
 */
public record RandAugment(int operations, double magnitude) implements Augmentation {
  private static final double MOST = 10;
  private static final double MOST_DEGREES = 30;
  private static final double MOST_FACTOR = 0.9;
  private static final double MOST_SHEAR = 0.3;
  private static final double MOST_TRANSLATION = 0.45;
  private static final int LEVELS = 256;
  private static final int BITS = 8;
  private static final int FEWEST_BITS = 4;

  /** One of the fourteen; strength is from 0 to 1, signed where there is a direction. */
  private interface Operation {
    void apply(Canvas canvas, double strength, double signed);
  }

  private static final List<Operation> ALL =
      List.of(
          (canvas, strength, signed) -> {},
          (canvas, strength, signed) -> canvas.recolour(ColorChange::autocontrasted),
          (canvas, strength, signed) -> canvas.recolour(ColorChange::equalized),
          (canvas, strength, signed) -> Rotation.rotate(canvas, MOST_DEGREES * signed),
          (canvas, strength, signed) ->
              canvas.recolour(image -> ColorChange.solarized(image, LEVELS * (1 - strength))),
          (canvas, strength, signed) ->
              canvas.recolour(image -> ColorChange.saturation(image, 1 + MOST_FACTOR * signed)),
          (canvas, strength, signed) ->
              canvas.recolour(
                  image ->
                      ColorChange.posterized(
                          image, BITS - (int) Math.round((BITS - FEWEST_BITS) * strength))),
          (canvas, strength, signed) ->
              canvas.recolour(image -> ColorChange.contrast(image, 1 + MOST_FACTOR * signed)),
          (canvas, strength, signed) ->
              canvas.recolour(image -> ColorChange.brightness(image, 1 + MOST_FACTOR * signed)),
          (canvas, strength, signed) ->
              canvas.recolour(image -> ColorChange.sharpness(image, 1 + MOST_FACTOR * signed)),
          (canvas, strength, signed) ->
              canvas.warp(
                  1,
                  MOST_SHEAR * signed,
                  -MOST_SHEAR * signed * (canvas.height() - 1) / 2,
                  0,
                  1,
                  0),
          (canvas, strength, signed) ->
              canvas.warp(
                  1, 0, 0, MOST_SHEAR * signed, 1, -MOST_SHEAR * signed * (canvas.width() - 1) / 2),
          (canvas, strength, signed) ->
              canvas.warp(1, 0, MOST_TRANSLATION * signed * canvas.width(), 0, 1, 0),
          (canvas, strength, signed) ->
              canvas.warp(1, 0, 0, 0, 1, MOST_TRANSLATION * signed * canvas.height()));

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException when there is no operation, or the magnitude isn't in [0, 10]
   */
  public RandAugment {
    Augmentation.require(operations >= 1, "operations", operations, ">= 1");
    Augmentation.require(magnitude >= 0 && magnitude <= MOST, "magnitude", magnitude, "in [0, 10]");
  }

  @Override
  public boolean needsColours() {
    return true;
  }

  @Override
  public void apply(Canvas canvas, RandomGenerator random) {
    double strength = magnitude / MOST;
    for (int i = 0; i < operations; i++) {
      var operation = ALL.get(random.nextInt(ALL.size()));
      operation.apply(canvas, strength, random.nextBoolean() ? strength : -strength);
    }
  }
}
