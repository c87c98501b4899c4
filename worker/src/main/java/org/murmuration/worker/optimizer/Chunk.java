package org.murmuration.worker.optimizer;

/** Loops over pieces of vectors, each simple enough for the compiler to make vectors of it. */
public final class Chunk {

  /** Five arrays of this length, four bytes each, fit a first-level cache of 32 KiB. */
  static final int LENGTH = 1024;

  private Chunk() {}

  static void divide(float[] values, float divisor, int length) {
    for (int i = 0; i < length; i++) {
      values[i] /= divisor;
    }
  }

  static void multiply(float[] values, float factor, int length) {
    for (int i = 0; i < length; i++) {
      values[i] *= factor;
    }
  }

  static void subtract(float[] from, float[] values, int length) {
    for (int i = 0; i < length; i++) {
      from[i] -= values[i];
    }
  }

  /** In double precision and always in the same order. */
  public static double sumOfSquares(float[] values, int length) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 3 < length; i += 4) {
      a += (double) values[i] * values[i];
      b += (double) values[i + 1] * values[i + 1];
      c += (double) values[i + 2] * values[i + 2];
      d += (double) values[i + 3] * values[i + 3];
    }
    for (; i < length; i++) {
      a += (double) values[i] * values[i];
    }
    return a + b + (c + d);
  }
}
