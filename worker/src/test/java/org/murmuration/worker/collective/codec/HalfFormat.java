package org.murmuration.worker.collective.codec;

/**
 * The two 16-bit formats, read straight from IEEE 754's definition in double precision, which holds
 * every value and every midpoint between two exactly.
 */
enum HalfFormat {
  BF16(Wire.BF16, 8, 7),
  FP16(Wire.FP16, 5, 10);

  private static final int SIGN = 0x8000;

  private final Wire wire;
  private final int exponentBits;
  private final int mantissaBits;

  HalfFormat(Wire wire, int exponentBits, int mantissaBits) {
    this.wire = wire;
    this.exponentBits = exponentBits;
    this.mantissaBits = mantissaBits;
  }

  ValueCodec codec() {
    return wire.valueCodec().orElseThrow();
  }

  int infinity() {
    return ((1 << exponentBits) - 1) << mantissaBits;
  }

  int largestFinite() {
    return infinity() - 1;
  }

  int quietBit() {
    return 1 << (mantissaBits - 1);
  }

  double value(int bits) {
    var sign = (bits & SIGN) == 0 ? 1.0 : -1.0;
    var exponent = (bits & ~SIGN) >>> mantissaBits;
    var mantissa = bits & ((1 << mantissaBits) - 1);
    var bias = (1 << (exponentBits - 1)) - 1;
    if (exponent == (1 << exponentBits) - 1) {
      return mantissa == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    return exponent == 0
        ? sign * Math.scalb((double) mantissa, 1 - bias - mantissaBits)
        : sign
            * Math.scalb((double) (mantissa + (1 << mantissaBits)), exponent - bias - mantissaBits);
  }

  /** The bits of the finite value nearest to x, of two the even one; infinity for infinity. */
  int nearest(float x) {
    var sign = Float.floatToRawIntBits(x) < 0 ? SIGN : 0;
    double magnitude = Math.abs(x);
    if (Double.isInfinite(magnitude)) {
      return sign | infinity();
    }
    if (magnitude >= value(largestFinite())) {
      return sign | largestFinite();
    }
    var below = 0;
    for (int step = SIGN >> 1; step > 0; step >>= 1) {
      if (below + step < infinity() && value(below + step) <= magnitude) {
        below += step;
      }
    }
    var toLower = magnitude - value(below);
    var toUpper = value(below + 1) - magnitude;
    var up = toUpper < toLower || (toUpper == toLower && (below & 1) == 1);
    return sign | (up ? below + 1 : below);
  }
}
