package org.murmuration.worker.collective.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;

/** Values in buffers of both kinds, with room around them that nobody may write to. */
final class Floats {
  static final int GUARD = 8;

  private static final byte UNTOUCHED = 0x5a;

  private Floats() {}

  static UnsafeBuffer buffer(int bytes, boolean direct) {
    var buffer =
        new UnsafeBuffer(direct ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes));
    buffer.setMemory(0, bytes, UNTOUCHED);
    return buffer;
  }

  /** The values from value {@link #GUARD} on, with as many more behind them. */
  static UnsafeBuffer guarded(float[] values, boolean direct) {
    var buffer = buffer((values.length + 2 * GUARD) * Float.BYTES, direct);
    for (int i = 0; i < values.length; i++) {
      buffer.putFloat((GUARD + i) * Float.BYTES, values[i]);
    }
    return buffer;
  }

  static float[] read(UnsafeBuffer buffer, int first, int count) {
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = buffer.getFloat((first + i) * Float.BYTES);
    }
    return values;
  }

  static float[] readGuarded(UnsafeBuffer buffer) {
    return read(buffer, GUARD, buffer.capacity() / Float.BYTES - 2 * GUARD);
  }

  /** Whether all bytes outside {@code [from..to)} are as {@link #buffer} left them. */
  static boolean untouchedOutside(UnsafeBuffer buffer, int from, int to) {
    for (int i = 0; i < buffer.capacity(); i++) {
      if ((i < from || i >= to) && buffer.getByte(i) != UNTOUCHED) {
        return false;
      }
    }
    return true;
  }

  static boolean guardsUntouched(UnsafeBuffer buffer) {
    var guard = GUARD * Float.BYTES;
    return untouchedOutside(buffer, guard, buffer.capacity() - guard);
  }

  static byte[] bytes(UnsafeBuffer buffer, int offset, int length) {
    var bytes = new byte[length];
    buffer.getBytes(offset, bytes);
    return bytes;
  }

  /** Any bits at all, and more of what lies in fp16's small range. */
  static float[] any(Random random, int count) {
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          random.nextBoolean()
              ? Float.intBitsToFloat(random.nextInt())
              : Math.scalb((float) random.nextGaussian(), random.nextInt(44) - 28);
    }
    return values;
  }

  static float[] gaussian(Random random, int count, double deviation) {
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * deviation);
    }
    return values;
  }

  static float[] filled(int count, float value) {
    var values = new float[count];
    Arrays.fill(values, value);
    return values;
  }
}
