package org.murmuration.worker.collective.codec;

/** The upper half of fp32's bits. */
final class Bf16Codec extends SixteenBitCodec {
  @Override
  void narrow(float[] values, int[] halves, int count) {
    Staging.bits(values, halves, count);
    round(halves, count);
  }

  @Override
  void widen(int[] halves, float[] values, int count) {
    Staging.floats(halves, values, count);
  }

  /**
   * Masks (all ones where true) stand for branches, which would not vectorise. Beyond the largest
   * finite half, bits are cut off instead of rounded: finite values stay at 0x7f7f and infinity
   * stays itself, as does NaN with its quiet bit set.
   */
  private static void round(int[] bits, int count) {
    for (int i = 0; i < count; i++) {
      var value = bits[i];
      var magnitude = value & 0x7fff_ffff;
      var beyond = (0x7f7f_7fff - magnitude) >> 31;
      var nan = (0x7f80_0000 - magnitude) >> 31;
      var toNearestEven = 0x7fff + ((value >>> 16) & 1);
      bits[i] = ((value + (toNearestEven & ~beyond)) | (nan & 0x0040_0000)) & 0xffff_0000;
    }
  }
}
