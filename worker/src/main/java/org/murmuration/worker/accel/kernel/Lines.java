package org.murmuration.worker.accel.kernel;

/** What is done with stretches of arrays. */
final class Lines {
  private static final int LANES = 4;

  private Lines() {}

  /**
   * The sum in double precision. Four at a time, as each addition would have to wait for the one
   * before it.
   */
  static double sum(float[] values, int from, int length) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int whole = length - length % LANES;
    for (int i = from; i < from + whole; i += LANES) {
      a += values[i];
      b += values[i + 1];
      c += values[i + 2];
      d += values[i + 3];
    }
    for (int i = from + whole; i < from + length; i++) {
      a += values[i];
    }
    return a + b + c + d;
  }

  /** The sum of products, likewise. */
  static double dot(float[] left, int leftFrom, float[] right, int rightFrom, int length) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int whole = length - length % LANES;
    for (int i = 0; i < whole; i += LANES) {
      a += left[leftFrom + i] * right[rightFrom + i];
      b += left[leftFrom + i + 1] * right[rightFrom + i + 1];
      c += left[leftFrom + i + 2] * right[rightFrom + i + 2];
      d += left[leftFrom + i + 3] * right[rightFrom + i + 3];
    }
    for (int i = whole; i < length; i++) {
      a += left[leftFrom + i] * right[rightFrom + i];
    }
    return a + b + c + d;
  }

  /** Adds one stretch times a factor to another. */
  static void addMultiple(
      float[] to, int toFrom, float factor, float[] values, int from, int length) {
    for (int i = 0; i < length; i++) {
      to[toFrom + i] += factor * values[from + i];
    }
  }
}
