package org.murmuration.worker.data.augment;

import java.util.random.RandomGenerator;

/** Draws from the symmetric beta distribution, as the share of one of two gamma variates. */
final class Beta {
  private Beta() {}

  /** A number in [0, 1] from Beta(alpha, alpha). */
  static double next(double alpha, RandomGenerator random) {
    double a = gamma(alpha, random);
    double b = gamma(alpha, random);
    // Of a very small alpha both may be 0, and then either end is as likely.
    return a + b > 0 ? a / (a + b) : random.nextInt(2);
  }

  /** Marsaglia and Tsang, A Simple Method for Generating Gamma Variables, 2000. */
  private static double gamma(double alpha, RandomGenerator random) {
    if (alpha < 1) {
      return gamma(alpha + 1, random) * Math.pow(random.nextDouble(), 1 / alpha);
    }
    double d = alpha - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = Math.pow(1 + c * x, 3);
      if (v > 0 && Math.log(1 - random.nextDouble()) < x * x / 2 + d - d * v + d * Math.log(v)) {
        return d * v;
      }
    }
  }
}
