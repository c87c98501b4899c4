package org.murmuration.worker.data.augment;

import java.util.random.RandomGenerator;

/**
 * The image turned about its centre, with black corners.
 *
 * @param degrees the largest angle to either side, in (0, 180]
 */
public record Rotation(double degrees) implements Augmentation {
  private static final double HALF_TURN = 180;

  /**
   * Checks the angle.
   *
   * @throws IllegalArgumentException when it isn't in (0, 180]
   */
  public Rotation {
    Augmentation.require(degrees > 0 && degrees <= HALF_TURN, "degrees", degrees, "in (0, 180]");
  }

  @Override
  public void apply(Canvas canvas, RandomGenerator random) {
    rotate(canvas, (2 * random.nextDouble() - 1) * degrees);
  }

  /** Turns by an angle, counterclockwise. */
  static void rotate(Canvas canvas, double angle) {
    double radians = Math.toRadians(angle);
    double cos = Math.cos(radians);
    double sin = Math.sin(radians);
    double x = (canvas.width() - 1) / 2.0;
    double y = (canvas.height() - 1) / 2.0;
    canvas.warp(cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y);
  }
}
