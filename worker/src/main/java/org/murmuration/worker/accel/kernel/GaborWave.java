package org.murmuration.worker.accel.kernel;

/**
 * A Gabor function (Daugman 1985): exp(-(u^2 + v^2 / 4) / (2 s^2)) cos(2 pi u / l + p), with u
 * across the wave and v along it, in pixels from the middle.
 *
 * @param angle of u to the right, radians
 * @param length l of the wave
 * @param deviation s of the bell
 * @param phase p
 */
public record GaborWave(double angle, double length, double deviation, double phase) {
  private static final double[][] OPPONENTS = {{1, 1, 1}, {1, -1, 0}, {-0.5, -0.5, 1}};

  /**
   * What filters start as: angles evenly apart, phases 0 and a quarter in turn, waves as long as
   * the filter or half of it, bells a quarter of it.
   *
   * @param side of the filter
   */
  public static GaborWave start(int filter, int filters, int side) {
    return new GaborWave(
        Math.PI * filter / filters,
        Math.max(2, side / (filter / 2 % 2 == 0 ? 1.0 : 2.0)),
        side / 4.0,
        filter % 2 == 0 ? 0 : Math.PI / 2);
  }

  /**
   * How much a channel counts in a filter at first: with three channels filters are of brightness,
   * red against green, and both against blue, in turn.
   */
  public static double color(int filter, int channel, int channels) {
    return channels == OPPONENTS.length ? OPPONENTS[filter % OPPONENTS.length][channel] : 1;
  }

  /** The function at a place, measured from the middle. */
  public Point at(double x, double y) {
    return new Point(
        this, x * Math.cos(angle) + y * Math.sin(angle), y * Math.cos(angle) - x * Math.sin(angle));
  }

  /**
   * The function at one place, and its slopes.
   *
   * @param u across the wave
   * @param v along it
   */
  public record Point(GaborWave wave, double u, double v) {
    /** The function. */
    public double value() {
      return bell() * Math.cos(inWave());
    }

    /** As u grows by v and v falls by u, when the angle grows. */
    double byAngle() {
      return -value() * (u * v - v * u / 4) / variance()
          - bell() * Math.sin(inWave()) * 2 * Math.PI * v / wave.length;
    }

    /** By the logarithm of the length. */
    double byLength() {
      return bell() * Math.sin(inWave()) * 2 * Math.PI * u / wave.length;
    }

    /** By the logarithm of the deviation. */
    double byDeviation() {
      return value() * (u * u + v * v / 4) / variance();
    }

    double byPhase() {
      return -bell() * Math.sin(inWave());
    }

    private double bell() {
      return Math.exp(-(u * u + v * v / 4) / (2 * variance()));
    }

    private double variance() {
      return wave.deviation * wave.deviation;
    }

    private double inWave() {
      return 2 * Math.PI * u / wave.length + wave.phase;
    }
  }
}
