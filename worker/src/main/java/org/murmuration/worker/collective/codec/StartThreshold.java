package org.murmuration.worker.collective.codec;

import org.agrona.concurrent.UnsafeBuffer;

/** A first threshold from the magnitudes of the first values. */
final class StartThreshold {
  /** Buckets are as wide as values that share sign, exponent and 7 bits of mantissa: below 1%. */
  private static final int BUCKET_SHIFT = 16;

  private StartThreshold() {}

  /**
   * The largest bucket edge that at least this share of the non-zero values of vector + residual
   * reaches; 0 when all are 0. Values that aren't finite are left out.
   */
  static float of(
      UnsafeBuffer vector, UnsafeBuffer residual, int first, int count, double targetShare) {
    var buckets = new int[Float.floatToRawIntBits(Float.POSITIVE_INFINITY) >>> BUCKET_SHIFT];
    var nonZero = 0;
    for (int i = first; i < first + count; i++) {
      var sum = vector.getFloat(i * Float.BYTES) + residual.getFloat(i * Float.BYTES);
      if (sum != 0 && Float.isFinite(sum)) {
        buckets[Float.floatToRawIntBits(Math.abs(sum)) >>> BUCKET_SHIFT]++;
        nonZero++;
      }
    }
    return nonZero == 0 ? 0 : edge(buckets, Math.max(1, Math.round(nonZero * targetShare)));
  }

  private static float edge(int[] buckets, long wanted) {
    var bucket = buckets.length;
    for (long reached = 0; reached < wanted; reached += buckets[bucket]) {
      bucket--;
    }
    return Math.max(Float.MIN_NORMAL, Float.intBitsToFloat(bucket << BUCKET_SHIFT));
  }
}
