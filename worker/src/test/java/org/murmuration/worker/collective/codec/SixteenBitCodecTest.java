package org.murmuration.worker.collective.codec;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SixteenBitCodecTest {
  private static final int ALL = 0x1_0000;
  private static final int OFFSET = 3;

  private static int encodedBits(HalfFormat format, float value) {
    return encoded(format, new float[] {value})[0];
  }

  private static int[] encoded(HalfFormat format, float[] values) {
    var wire = Floats.buffer(values.length * Short.BYTES, true);
    format.codec().encode(Floats.guarded(values, true), Floats.GUARD, values.length, wire, 0);
    var bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = wire.getShort(i * Short.BYTES, LITTLE_ENDIAN) & 0xffff;
    }
    return bits;
  }

  private static float[] everyHalf(HalfFormat format) {
    var wire = Floats.buffer(ALL * Short.BYTES, true);
    for (int bits = 0; bits < ALL; bits++) {
      wire.putShort(bits * Short.BYTES, (short) bits, LITTLE_ENDIAN);
    }
    var vector = Floats.buffer(ALL * Float.BYTES, true);
    format.codec().decode(wire, 0, vector, 0, ALL);
    return Floats.read(vector, 0, ALL);
  }

  @ParameterizedTest
  @EnumSource
  void shouldDecodeEveryHalf(HalfFormat format) {
    var decoded = everyHalf(format);
    for (int bits = 0; bits < ALL; bits++) {
      // Compared as objects: NaN equals NaN, and 0 isn't -0.
      assertThat(Double.valueOf(decoded[bits]))
          .as("%s %04x", format, bits)
          .isEqualTo(Double.valueOf(format.value(bits)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldEncodeWhatWasDecodedWithoutLoss(HalfFormat format) {
    var encoded = encoded(format, everyHalf(format));
    for (int bits = 0; bits < ALL; bits++) {
      var nan = Double.isNaN(format.value(bits));
      assertThat(encoded[bits])
          .as("%s %04x", format, bits)
          .isEqualTo(nan ? bits | format.quietBit() : bits);
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldRoundToNearestEvenAtEveryMidpoint(HalfFormat format) {
    var finite = format.largestFinite();
    var values = new float[6 * finite];
    var expected = new int[values.length];
    for (int bits = 0; bits < finite; bits++) {
      var middle = (float) ((format.value(bits) + format.value(bits + 1)) / 2);
      var near = new float[] {Math.nextDown(middle), middle, Math.nextUp(middle)};
      var nearest = new int[] {bits, bits + (bits & 1), bits + 1};
      for (int i = 0; i < near.length; i++) {
        values[6 * bits + i] = near[i];
        expected[6 * bits + i] = nearest[i];
        values[6 * bits + 3 + i] = -near[i];
        expected[6 * bits + 3 + i] = 0x8000 | nearest[i];
      }
    }
    assertThat(encoded(format, values)).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void shouldSaturateFiniteValuesAndKeepOthers(HalfFormat format) {
    assertThat(encodedBits(format, Float.MAX_VALUE)).isEqualTo(format.largestFinite());
    assertThat(encodedBits(format, -Float.MAX_VALUE)).isEqualTo(0x8000 | format.largestFinite());
    assertThat(encodedBits(format, Float.POSITIVE_INFINITY)).isEqualTo(format.infinity());
    assertThat(encodedBits(format, Float.NEGATIVE_INFINITY)).isEqualTo(0x8000 | format.infinity());
    // The NaN with the smallest payload would become infinity if its upper bits were cut off.
    assertThat(encodedBits(format, Float.intBitsToFloat(0x7f80_0001)))
        .isGreaterThan(format.infinity())
        .isLessThan(0x8000);
    assertThat(encodedBits(format, Float.intBitsToFloat(0xffff_ffff)))
        .isGreaterThan(0x8000 | format.infinity());
  }

  @Property(tries = 100)
  void shouldEncodeTheNearestHalf(
      @ForAll HalfFormat format,
      @ForAll long seed,
      @ForAll @IntRange(max = 2 * Staging.BLOCK + 3) int count,
      @ForAll boolean direct) {
    var values = Floats.any(new Random(seed), count);
    var wire = Floats.buffer(OFFSET + count * Short.BYTES + 5, direct);
    format.codec().encode(Floats.guarded(values, !direct), Floats.GUARD, count, wire, OFFSET);
    for (int i = 0; i < count; i++) {
      var bits = wire.getShort(OFFSET + i * Short.BYTES, LITTLE_ENDIAN) & 0xffff;
      if (Float.isNaN(values[i])) {
        assertThat(format.value(bits)).isNaN();
      } else {
        assertThat(bits).as("%s of %s", format, values[i]).isEqualTo(format.nearest(values[i]));
      }
    }
    assertThat(Floats.untouchedOutside(wire, OFFSET, OFFSET + count * Short.BYTES)).isTrue();
  }

  @Property(tries = 100)
  void shouldDecodeAndAddInsideTheRangeOnly(
      @ForAll HalfFormat format,
      @ForAll long seed,
      @ForAll @IntRange(max = 2 * Staging.BLOCK + 3) int count,
      @ForAll boolean direct) {
    var random = new Random(seed);
    var terms = Floats.gaussian(random, count, 100);
    var vector = Floats.guarded(terms, direct);
    var sums = Floats.guarded(terms, direct);
    var wire = Floats.buffer(OFFSET + count * Short.BYTES, !direct);
    for (int i = 0; i < count; i++) {
      wire.putShort(OFFSET + i * Short.BYTES, (short) random.nextInt(), LITTLE_ENDIAN);
    }
    format.codec().decode(wire, OFFSET, vector, Floats.GUARD, count);
    format.codec().decodeAdding(wire, OFFSET, sums, Floats.GUARD, count);
    for (int i = 0; i < count; i++) {
      var bits = wire.getShort(OFFSET + i * Short.BYTES, LITTLE_ENDIAN) & 0xffff;
      var value = (float) format.value(bits);
      assertThat(Float.valueOf(Floats.readGuarded(vector)[i])).isEqualTo(Float.valueOf(value));
      assertThat(Float.valueOf(Floats.readGuarded(sums)[i]))
          .isEqualTo(Float.valueOf(terms[i] + value));
    }
    assertThat(Floats.guardsUntouched(vector)).isTrue();
    assertThat(Floats.guardsUntouched(sums)).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuseRangesOutsideTheirBuffers(HalfFormat format) {
    var codec = format.codec();
    var vector = Floats.buffer(10 * Float.BYTES, true);
    var wire = Floats.buffer(10 * Short.BYTES, true);
    assertThatThrownBy(() -> codec.encode(vector, 0, 10, wire, 1))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("20 bytes from byte 1 on lie outside the wire buffer of 20 bytes");
    assertThatThrownBy(() -> codec.decode(wire, 0, vector, 1, 10))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("10 values from value 1 on lie outside the vector of 10 values");
    assertThatThrownBy(() -> codec.decodeAdding(wire, -1, vector, 0, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> codec.decodeAdding(wire, 0, vector, Integer.MAX_VALUE, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> codec.quantise(vector, new UnsafeBuffer(new byte[36]), 0, 10))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("10 values from value 0 on lie outside the residual of 9 values");
    assertThat(Floats.untouchedOutside(vector, 0, 0)).isTrue();
    assertThat(Floats.untouchedOutside(wire, 0, 0)).isTrue();
  }
}
