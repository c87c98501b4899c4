package org.murmuration.worker.collective.codec;

/**
 * IEEE half: sign, 5 bits of exponent with bias 15, 10 bits of mantissa; subnormal below 2^-14.
 *
 * <p>Masks (all ones where true) stand for branches, which would not vectorise. Subnormal halves
 * are made and read by adding or subtracting a power of two, never by multiplying: arithmetic with
 * subnormal floats is many times slower, and small gradients are common.
 */
final class Fp16Codec extends SixteenBitCodec {
  private static final int EXPONENT_ONE = 0x0080_0000;
  private static final int BIAS_DIFFERENCE = (127 - 15) * EXPONENT_ONE;
  private static final int SMALLEST_NORMAL_BITS = BIAS_DIFFERENCE + EXPONENT_ONE;

  /** fp32's spacing from here to 1 is 2^-24, the smallest half. */
  private static final float SUBNORMAL_GRID = 0.5f;

  private static final int SUBNORMAL_GRID_BITS = 126 * EXPONENT_ONE;

  private final float[] shifted = new float[Staging.BLOCK];
  private final int[] subnormals = new int[Staging.BLOCK];
  private final int[] bits = new int[Staging.BLOCK];

  @Override
  void narrow(float[] values, int[] halves, int count) {
    shiftToGrid(values, shifted, count);
    Staging.bits(shifted, subnormals, count);
    Staging.bits(values, bits, count);
    round(bits, subnormals, halves, count);
    saturate(bits, halves, count);
  }

  @Override
  void widen(int[] halves, float[] values, int count) {
    rebias(halves, subnormals, count);
    Staging.floats(halves, values, count);
    Staging.floats(subnormals, shifted, count);
    subtract(values, shifted, count);
  }

  /** The processor rounds to the nearest multiple of 2^-24, the even one of two. */
  private static void shiftToGrid(float[] values, float[] shifted, int count) {
    for (int i = 0; i < count; i++) {
      shifted[i] = Math.abs(values[i]) + SUBNORMAL_GRID;
    }
  }

  /** Rounds normal halves and takes subnormal ones over; values beyond the largest are left. */
  private static void round(int[] bits, int[] subnormals, int[] halves, int count) {
    for (int i = 0; i < count; i++) {
      var magnitude = bits[i] & 0x7fff_ffff;
      var small = (magnitude - SMALLEST_NORMAL_BITS) >> 31;
      var normal = (magnitude + 0xfff + ((magnitude >>> 13) & 1) - BIAS_DIFFERENCE) << 3;
      var subnormal = (subnormals[i] - SUBNORMAL_GRID_BITS) << 16;
      halves[i] = (normal & ~small) | (subnormal & small);
    }
  }

  /** Puts the largest finite half, infinity or NaN where they belong, and the signs. */
  private static void saturate(int[] bits, int[] halves, int count) {
    for (int i = 0; i < count; i++) {
      var magnitude = bits[i] & 0x7fff_ffff;
      var beyond = (0x477f_efff - magnitude) >> 31; // 65520 and more would round to 65536
      var notFinite = (0x7f7f_ffff - magnitude) >> 31;
      var nan = (0x7f80_0000 - magnitude) >> 31;
      var largest = 0x7bff_0000 + (notFinite & 0x0001_0000);
      var payload = nan & (0x0200_0000 | ((magnitude << 3) & 0x03ff_0000));
      var half = (halves[i] & ~beyond) | ((largest | payload) & beyond);
      halves[i] = (half & 0xffff_0000) | (bits[i] & 0x8000_0000);
    }
  }

  /**
   * Halves become floats from which {@code subnormals} are to be subtracted: 0 for most, but a
   * subnormal half m 2^-24 is written as 2^-14 + m 2^-24, which has its mantissa in the same place.
   */
  private static void rebias(int[] halves, int[] subnormals, int count) {
    for (int i = 0; i < count; i++) {
      var sign = halves[i] & 0x8000_0000;
      var magnitude = halves[i] & 0x7fff_0000;
      var notZero = -magnitude >> 31;
      var subnormal = ((magnitude - 0x0400_0000) >> 31) & notZero;
      var notFinite = (0x7bff_ffff - magnitude) >> 31;
      var exponent =
          (notZero & BIAS_DIFFERENCE) + (notFinite & BIAS_DIFFERENCE) + (subnormal & EXPONENT_ONE);
      halves[i] = ((magnitude >>> 3) + exponent) | sign;
      subnormals[i] = subnormal & (SMALLEST_NORMAL_BITS | sign);
    }
  }

  private static void subtract(float[] values, float[] shifts, int count) {
    for (int i = 0; i < count; i++) {
      values[i] -= shifts[i];
    }
  }
}
