package org.murmuration.worker.collective.codec;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What formats of 16 bits share. A <i>half</i> is a value of the format in the upper 16 bits of an
 * int, the lower 16 are 0: Java has no arithmetic on shorts, and C2 vectorises no loop that mixes
 * widths. Two halves make one packed int of the wire.
 */
abstract class SixteenBitCodec implements ValueCodec {
  private final float[] values = new float[Staging.BLOCK];
  private final float[] sums = new float[Staging.BLOCK];
  private final float[] residuals = new float[Staging.BLOCK];
  private final int[] halves = new int[Staging.BLOCK];
  private final int[] bits = new int[Staging.BLOCK];
  private final int[] packed = new int[Staging.BLOCK / 2];

  SixteenBitCodec() {
    Staging.requireLittleEndian(ByteOrder.nativeOrder());
  }

  /** The nearest halves, the even one of two; finite values stay finite, NaN becomes quiet. */
  abstract void narrow(float[] values, int[] halves, int count);

  /** The values of halves, exactly. */
  abstract void widen(int[] halves, float[] values, int count);

  @Override
  public final int bytesPerValue() {
    return Short.BYTES;
  }

  @Override
  public final boolean lossy() {
    return true;
  }

  @Override
  public final void encode(
      UnsafeBuffer vector, int first, int count, MutableDirectBuffer out, int offset) {
    check(vector, first, count, out, offset);
    for (int done = 0; done < count; done += Staging.BLOCK) {
      var size = Math.min(Staging.BLOCK, count - done);
      Staging.load(vector, (first + done) * Float.BYTES, values, size * Float.BYTES);
      narrow(values, halves, size);
      pack(halves, packed, size);
      Staging.store(packed, out, offset + done * Short.BYTES, size * Short.BYTES);
    }
  }

  @Override
  public final void quantise(UnsafeBuffer vector, UnsafeBuffer residual, int first, int count) {
    Staging.checkVector("vector", vector, first, count);
    Staging.checkVector("residual", residual, first, count);
    for (int done = 0; done < count; done += Staging.BLOCK) {
      var size = Math.min(Staging.BLOCK, count - done);
      var index = (first + done) * Float.BYTES;
      Staging.load(vector, index, values, size * Float.BYTES);
      Staging.load(residual, index, residuals, size * Float.BYTES);
      addExactly(values, residuals, sums, size);
      narrow(sums, halves, size);
      widen(halves, values, size);
      subtract(sums, values, residuals, size);
      Staging.store(values, vector, index, size * Float.BYTES);
      Staging.bits(residuals, bits, size);
      Staging.bits(sums, halves, size);
      clearWhereNotFinite(halves, bits, size);
      Staging.store(bits, residual, index, size * Float.BYTES);
    }
  }

  @Override
  public final void decode(DirectBuffer in, int offset, UnsafeBuffer vector, int first, int count) {
    check(vector, first, count, in, offset);
    for (int done = 0; done < count; done += Staging.BLOCK) {
      var size = Math.min(Staging.BLOCK, count - done);
      load(in, offset + done * Short.BYTES, size);
      Staging.store(values, vector, (first + done) * Float.BYTES, size * Float.BYTES);
    }
  }

  @Override
  public final void decodeAdding(
      DirectBuffer in, int offset, UnsafeBuffer vector, int first, int count) {
    check(vector, first, count, in, offset);
    for (int done = 0; done < count; done += Staging.BLOCK) {
      var size = Math.min(Staging.BLOCK, count - done);
      var index = (first + done) * Float.BYTES;
      load(in, offset + done * Short.BYTES, size);
      Staging.load(vector, index, sums, size * Float.BYTES);
      Staging.add(values, sums, size);
      Staging.store(sums, vector, index, size * Float.BYTES);
    }
  }

  private void load(DirectBuffer in, int index, int size) {
    Staging.load(in, index, packed, size * Short.BYTES);
    unpack(packed, halves, size);
    widen(halves, values, size);
  }

  /**
   * An odd count packs one half of no meaning too; it isn't stored, and must not spoil the other.
   */
  private static void pack(int[] halves, int[] packed, int count) {
    for (int i = 0; i < count; i += 2) {
      packed[i >> 1] = (halves[i] >>> 16) | (halves[i + 1] & 0xffff_0000);
    }
  }

  private static void unpack(int[] packed, int[] halves, int count) {
    for (int i = 0; i < count; i += 2) {
      var pair = packed[i >> 1];
      halves[i] = pair << 16;
      halves[i + 1] = pair & 0xffff_0000;
    }
  }

  /**
   * Leaves in {@code residuals} what the rounding of the sums lost (TwoSum, Knuth, The Art of
   * Computer Programming 2, 4.2.2, theorem B), so that a residual far below its value isn't lost.
   */
  private static void addExactly(float[] values, float[] residuals, float[] sums, int count) {
    for (int i = 0; i < count; i++) {
      var v = values[i];
      var e = residuals[i];
      var sum = v + e;
      var share = sum - v;
      sums[i] = sum;
      residuals[i] = (v - (sum - share)) + (e - share);
    }
  }

  private static void subtract(float[] sums, float[] sent, float[] residuals, int count) {
    for (int i = 0; i < count; i++) {
      residuals[i] += sums[i] - sent[i];
    }
  }

  private static void clearWhereNotFinite(int[] sums, int[] residuals, int count) {
    for (int i = 0; i < count; i++) {
      var finite = ((sums[i] & 0x7fff_ffff) - 0x7f80_0000) >> 31;
      residuals[i] &= finite;
    }
  }

  private static void check(
      UnsafeBuffer vector, int first, int count, DirectBuffer wire, int offset) {
    Staging.checkVector("vector", vector, first, count);
    Staging.checkWire(wire, offset, (long) count * Short.BYTES);
  }
}
