package org.murmuration.worker.collective.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteOrder;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WireTest {
  private static final int OFFSET = 5;

  private static ValueCodec fp32() {
    return Wire.FP32.valueCodec().orElseThrow();
  }

  @Test
  void shouldKnowWidthsOfValues() {
    assertThat(fp32().bytesPerValue()).isEqualTo(4);
    assertThat(fp32().lossy()).isFalse();
    for (var format : HalfFormat.values()) {
      assertThat(format.codec().bytesPerValue()).isEqualTo(2);
      assertThat(format.codec().lossy()).isTrue();
    }
    assertThat(Wire.THRESHOLD.valueCodec()).isEmpty();
  }

  @Test
  void shouldWriteLittleEndianFloats() {
    var wire = Floats.buffer(8, false);
    fp32().encode(Floats.guarded(new float[] {1, -2}, true), Floats.GUARD, 2, wire, 0);
    assertThat(Floats.bytes(wire, 0, 8))
        .containsExactly(0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0);
  }

  @Property(tries = 50)
  void shouldCarryFloatsAsTheyAre(
      @ForAll long seed,
      @ForAll @IntRange(max = 2 * Staging.BLOCK + 3) int count,
      @ForAll boolean direct) {
    var random = new Random(seed);
    var values = Floats.any(random, count);
    var terms = Floats.gaussian(random, count, 100);
    var wire = Floats.buffer(OFFSET + count * Float.BYTES + 1, direct);
    var arrived = Floats.guarded(terms, !direct);
    var sums = Floats.guarded(terms, !direct);
    fp32().encode(Floats.guarded(values, direct), Floats.GUARD, count, wire, OFFSET);
    fp32().decode(wire, OFFSET, arrived, Floats.GUARD, count);
    fp32().decodeAdding(wire, OFFSET, sums, Floats.GUARD, count);
    assertThat(Floats.readGuarded(arrived)).isEqualTo(values);
    for (int i = 0; i < count; i++) {
      assertThat(Float.valueOf(Floats.readGuarded(sums)[i]))
          .isEqualTo(Float.valueOf(terms[i] + values[i]));
    }
    assertThat(Floats.untouchedOutside(wire, OFFSET, OFFSET + count * Float.BYTES)).isTrue();
    assertThat(Floats.guardsUntouched(arrived)).isTrue();
    assertThat(Floats.guardsUntouched(sums)).isTrue();
  }

  @Test
  void shouldNeedNoResidualForFloats() {
    var values = new float[] {1, Float.NaN, -0f, Float.MIN_VALUE};
    var vector = Floats.guarded(values, true);
    fp32().quantise(vector, null, Floats.GUARD, 4);
    assertThat(Floats.readGuarded(vector)).isEqualTo(values);
  }

  @Test
  void shouldRefuseFloatsOutsideTheirBuffers() {
    var vector = Floats.buffer(40, true);
    var wire = Floats.buffer(40, true);
    assertThatThrownBy(() -> fp32().encode(vector, 0, 10, wire, 4))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> fp32().decode(wire, 4, vector, 0, 10))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> fp32().decodeAdding(wire, 0, vector, 5, 6))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> fp32().decodeAdding(wire, 0, vector, 0, -1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(Floats.untouchedOutside(vector, 0, 0)).isTrue();
    assertThat(Floats.untouchedOutside(wire, 0, 0)).isTrue();
  }

  @Test
  void shouldRefuseBigEndianMachine() {
    assertThatThrownBy(() -> Staging.requireLittleEndian(ByteOrder.BIG_ENDIAN))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("BIG_ENDIAN");
  }
}
