package org.murmuration.worker.collective;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Vectors whose sum is known in closed form. In the n-th operation rank r holds ((i + 31 n) mod 97)
 * + r at index i, so a value of another rank, place or operation makes another sum; and fp32 adds
 * whole numbers of this size exactly.
 */
final class WholeNumbers {
  private static final int PERIOD = 97;
  private static final int SHIFT = 31;

  private WholeNumbers() {}

  /** A rank's vector of the n-th operation. */
  static UnsafeBuffer vector(int rank, int size, int n) {
    var vector = new UnsafeBuffer(ByteBuffer.allocateDirect(size * Float.BYTES));
    fill(vector, rank, n);
    return vector;
  }

  /** Makes it the rank's vector of the n-th operation. */
  static void fill(UnsafeBuffer vector, int rank, int n) {
    for (int i = 0; i < vector.capacity() / Float.BYTES; i++) {
      vector.putFloat(i * Float.BYTES, term(i, n) + rank);
    }
  }

  /**
   * Requires it to be the sum of the n-th operation.
   *
   * @throws AssertionError naming the first element that is not
   */
  static void requireSum(UnsafeBuffer vector, int worldSize, int n) {
    for (int i = 0; i < vector.capacity() / Float.BYTES; i++) {
      var expected = (float) (worldSize * term(i, n) + worldSize * (worldSize - 1) / 2);
      var actual = vector.getFloat(i * Float.BYTES);
      if (actual != expected) {
        throw new AssertionError(
            "operation %d, element %d of %d: the sum is %s, must be %s"
                .formatted(n, i, vector.capacity() / Float.BYTES, actual, expected));
      }
    }
  }

  private static int term(int i, int n) {
    return (i % PERIOD + SHIFT * (n % PERIOD)) % PERIOD;
  }

  /** Sums vectors of so many values, one after the other, and requires each sum. */
  static void sumAll(Collective collective, int... sizes) {
    for (int n = 0; n < sizes.length; n++) {
      var vector = vector(collective.rank(), sizes[n], n);
      collective.allReduceSum(vector, Residual.none());
      requireSum(vector, collective.worldSize(), n);
    }
  }
}
