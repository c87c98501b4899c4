package org.murmuration.worker.collective.codec;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.UnsafeApi;

/**
 * Copies between buffers and the arrays that codecs compute on. Copies aren't checked: callers
 * check whole ranges first.
 */
final class Staging {
  /**
   * Values per block. Ten arrays of this length stay in a first-level cache of 48 KB; with a power
   * of two, arrays allocated in a row would lie 4 KB apart, where stores delay loads.
   */
  static final int BLOCK = 768;

  private static final long FLOATS = UnsafeApi.arrayBaseOffset(float[].class);
  private static final long INTS = UnsafeApi.arrayBaseOffset(int[].class);

  private Staging() {}

  static void load(DirectBuffer from, int index, float[] to, int bytes) {
    UnsafeApi.copyMemory(from.byteArray(), from.addressOffset() + index, to, FLOATS, bytes);
  }

  static void load(DirectBuffer from, int index, int[] to, int bytes) {
    UnsafeApi.copyMemory(from.byteArray(), from.addressOffset() + index, to, INTS, bytes);
  }

  static void store(float[] from, DirectBuffer to, int index, int bytes) {
    UnsafeApi.copyMemory(from, FLOATS, to.byteArray(), to.addressOffset() + index, bytes);
  }

  static void store(int[] from, DirectBuffer to, int index, int bytes) {
    UnsafeApi.copyMemory(from, INTS, to.byteArray(), to.addressOffset() + index, bytes);
  }

  /** The bits of floats. {@code Float.floatToRawIntBits} in a loop would not vectorise. */
  static void bits(float[] from, int[] to, int count) {
    UnsafeApi.copyMemory(from, FLOATS, to, INTS, (long) count * Float.BYTES);
  }

  /** The floats with these bits. */
  static void floats(int[] from, float[] to, int count) {
    UnsafeApi.copyMemory(from, INTS, to, FLOATS, (long) count * Float.BYTES);
  }

  static void add(float[] terms, float[] sums, int count) {
    for (int i = 0; i < count; i++) {
      sums[i] += terms[i];
    }
  }

  static void checkVector(String name, DirectBuffer vector, int first, int count) {
    var length = vector.capacity() / Float.BYTES;
    if (first < 0 || count < 0 || (long) first + count > length) {
      throw new IndexOutOfBoundsException(
          "%d values from value %d on lie outside the %s of %d values"
              .formatted(count, first, name, length));
    }
  }

  static void checkWire(DirectBuffer wire, int offset, long length) {
    if (offset < 0 || length < 0 || offset + length > wire.capacity()) {
      throw new IndexOutOfBoundsException(
          "%d bytes from byte %d on lie outside the wire buffer of %d bytes"
              .formatted(length, offset, wire.capacity()));
    }
  }

  /** The wire is little-endian and the codecs copy memory as it is. */
  static void requireLittleEndian(ByteOrder order) {
    if (order != ByteOrder.LITTLE_ENDIAN) {
      throw new UnsupportedOperationException(
          "gradients are exchanged in little-endian order, but this machine's is %s; run all ranks on x86-64 or aarch64"
              .formatted(order));
    }
  }
}
