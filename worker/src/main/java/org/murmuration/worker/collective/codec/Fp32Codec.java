package org.murmuration.worker.collective.codec;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The values as they are. */
final class Fp32Codec implements ValueCodec {
  private final float[] terms = new float[Staging.BLOCK];
  private final float[] sums = new float[Staging.BLOCK];

  Fp32Codec() {
    Staging.requireLittleEndian(ByteOrder.nativeOrder());
  }

  @Override
  public int bytesPerValue() {
    return Float.BYTES;
  }

  @Override
  public boolean lossy() {
    return false;
  }

  @Override
  public void encode(
      UnsafeBuffer vector, int first, int count, MutableDirectBuffer out, int offset) {
    check(vector, first, count, out, offset);
    out.putBytes(offset, vector, first * Float.BYTES, count * Float.BYTES);
  }

  /** Does nothing: the wire says all there is to say. */
  @Override
  public void quantise(UnsafeBuffer vector, UnsafeBuffer residual, int first, int count) {
    Staging.checkVector("vector", vector, first, count);
  }

  @Override
  public void decode(DirectBuffer in, int offset, UnsafeBuffer vector, int first, int count) {
    check(vector, first, count, in, offset);
    vector.putBytes(first * Float.BYTES, in, offset, count * Float.BYTES);
  }

  @Override
  public void decodeAdding(DirectBuffer in, int offset, UnsafeBuffer vector, int first, int count) {
    check(vector, first, count, in, offset);
    for (int done = 0; done < count; done += Staging.BLOCK) {
      var size = Math.min(Staging.BLOCK, count - done);
      var index = (first + done) * Float.BYTES;
      Staging.load(in, offset + done * Float.BYTES, terms, size * Float.BYTES);
      Staging.load(vector, index, sums, size * Float.BYTES);
      Staging.add(terms, sums, size);
      Staging.store(sums, vector, index, size * Float.BYTES);
    }
  }

  private static void check(
      UnsafeBuffer vector, int first, int count, DirectBuffer wire, int offset) {
    Staging.checkVector("vector", vector, first, count);
    Staging.checkWire(wire, offset, (long) count * Float.BYTES);
  }
}
