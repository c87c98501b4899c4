package org.murmuration.worker.bench.collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Vectors whose sum has a closed form: rank r of P holds i mod 7 at index i, and one more where i
 * mod P is r. So the sum is P (i mod 7) + 1, no rank is missing unseen, and up to 32 ranks every
 * partial sum is a whole number below 256, which bf16 and fp16 carry exactly.
 */
final class KnownValues {
  static final int MOST_RANKS = 32;

  private static final int PERIOD = 7;

  private KnownValues() {}

  /** A vector of zeros outside the heap. */
  static UnsafeBuffer zeros(int bytes) {
    return new UnsafeBuffer(ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder()));
  }

  /** Writes a rank's values. */
  static void fill(UnsafeBuffer vector, int rank, int worldSize) {
    for (int i = 0; i < vector.capacity() / Float.BYTES; i++) {
      vector.putFloat(i * Float.BYTES, i % PERIOD + (i % worldSize == rank ? 1 : 0));
    }
  }

  /**
   * Compares with the sum of all ranks' values.
   *
   * @throws IllegalStateException at the first value that differs
   */
  static void requireSum(UnsafeBuffer vector, int worldSize) {
    for (int i = 0; i < vector.capacity() / Float.BYTES; i++) {
      var expected = (float) (worldSize * (i % PERIOD) + 1);
      var found = vector.getFloat(i * Float.BYTES);
      if (found != expected) {
        throw new IllegalStateException(
            "the sum of %d ranks at index %d is %s, must be %s"
                .formatted(worldSize, i, found, expected));
      }
    }
  }

  /** Writes zeros. */
  static void clear(UnsafeBuffer vector) {
    vector.setMemory(0, vector.capacity(), (byte) 0);
  }
}
