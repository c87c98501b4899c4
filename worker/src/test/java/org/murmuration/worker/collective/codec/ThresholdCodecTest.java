package org.murmuration.worker.collective.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThresholdCodecTest {
  private static final int OFFSET = 3;
  private static final int ENTRIES = OFFSET + Float.BYTES;

  /** One sender with its residual, and what its receiver has summed up. */
  private static final class Link {
    private final ThresholdCodec codec;
    private final int count;
    private final UnsafeBuffer residual;
    private final UnsafeBuffer received;
    private final UnsafeBuffer wire;
    private int length;

    Link(ThresholdCodec codec, int count) {
      this.codec = codec;
      this.count = count;
      residual = Floats.guarded(new float[count], true);
      received = Floats.guarded(new float[count], false);
      wire = Floats.buffer(OFFSET + ThresholdCodec.maxEncodedLength(count) + 1, false);
    }

    /** Returns how many entries the message has. */
    int send(float... values) {
      var vector = Floats.guarded(values, true);
      wire.setMemory(0, wire.capacity(), (byte) 0x5a);
      length = codec.encode(vector, residual, Floats.GUARD, count, wire, OFFSET);
      assertThat(Floats.untouchedOutside(wire, OFFSET, wire.capacity() - 1)).isTrue();
      assertThat(Floats.readGuarded(vector)).isEqualTo(values);
      ThresholdCodec.decodeAdding(wire, OFFSET, length, received, Floats.GUARD, count);
      assertThat(Floats.guardsUntouched(residual)).isTrue();
      assertThat(Floats.guardsUntouched(received)).isTrue();
      return wire.getInt(ENTRIES);
    }

    byte[] message() {
      return Floats.bytes(wire, OFFSET, length);
    }
  }

  @Test
  void shouldWriteIndexAndSignOfLargeValues() {
    var codec = new ThresholdCodec(0.1);
    codec.restore(0.5f);
    var values = Floats.filled(200, 0.25f);
    values[0] = 0.5f;
    values[1] = -0.75f;
    values[130] = 3;
    var link = new Link(codec, 200);
    link.send(values);
    // 0.5 = 0x3f000000; gaps 1, 1 and 129: words 2, 3 and 258 = 2 * 128 + 2.
    assertThat(link.message()).containsExactly(0, 0, 0, 0x3f, 3, 0, 0, 0, 2, 3, (byte) 0x82, 2);
    var received = new float[200];
    received[0] = 0.5f;
    received[1] = -0.5f;
    received[130] = 0.5f;
    assertThat(Floats.readGuarded(link.received)).isEqualTo(received);
    values[0] = 0;
    values[1] = -0.25f;
    values[130] = 2.5f;
    assertThat(Floats.readGuarded(link.residual)).isEqualTo(values);
  }

  @Property(tries = 30)
  void shouldDeliverInTimeWhatOneStepDoesNotSend(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 2 * Staging.BLOCK + 3) int count) {
    var random = new Random(seed);
    var steps = 40;
    var link = new Link(new ThresholdCodec(0.05), count);
    var put = new double[count];
    for (int step = 0; step < steps; step++) {
      var values = Floats.gaussian(random, count, 1e-3);
      Arrays.setAll(put, i -> put[i] + values[i]);
      link.send(values);
      link.codec.adapt();
    }
    var kept = Floats.readGuarded(link.residual);
    var received = Floats.readGuarded(link.received);
    for (int i = 0; i < count; i++) {
      // Residual and sum stay below 1/8 and are rounded twice and once a step, by 2^-28 at most.
      assertThat((double) received[i] + kept[i]).isEqualTo(put[i], within(steps * 3 * 0x1p-28));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-3, 1e-2, 0.1, 0.5})
  void shouldReachItsTargetShare(double target) {
    var random = new Random(3);
    var count = 30_000;
    var link = new Link(new ThresholdCodec(target), count);
    var first = link.send(Floats.gaussian(random, count, 1e-3)) / (target * count);
    assertThat(first).isBetween(0.9, 1.2);
    var sent = 0L;
    for (int step = 1; step < 120; step++) {
      link.codec.adapt();
      var entries = link.send(Floats.gaussian(random, count, 1e-3));
      sent += step >= 80 ? entries : 0;
    }
    assertThat(sent / (40 * target * count)).isBetween(0.5, 2.0);
  }

  @Test
  void shouldFollowGradientsThatShrink() {
    var random = new Random(4);
    var count = 10_000;
    var link = new Link(new ThresholdCodec(0.01), count);
    var sent = 0L;
    for (int step = 0; step < 500; step++) {
      var deviation = step < 100 ? 1 : 1e-2;
      var entries = link.send(Floats.gaussian(random, count, deviation));
      sent += step >= 460 ? entries : 0;
      link.codec.adapt();
    }
    assertThat(sent / (40 * 0.01 * count)).isBetween(0.5, 2.0);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-37, 1e-20, 1e10, 1e37})
  void shouldChooseItsFirstThresholdAtAnyScale(double scale) {
    var link = new Link(new ThresholdCodec(0.01), 10_000);
    var entries = link.send(Floats.gaussian(new Random(6), 10_000, scale));
    assertThat(entries).isBetween(100, 120);
  }

  @Test
  void shouldTakeShareOfValuesThatAreNotZero() {
    var values = Floats.gaussian(new Random(7), 10_000, 1);
    Arrays.fill(values, 1_000, 10_000, 0);
    var link = new Link(new ThresholdCodec(0.1), 10_000);
    assertThat(link.send(values)).isBetween(100, 120);
  }

  @Test
  void shouldWaitForFirstValuesThatAreNotZero() {
    var link = new Link(new ThresholdCodec(0.5), 4);
    assertThat(link.send(0, 0, 0, -0f)).isZero();
    link.codec.adapt();
    assertThat(link.codec.threshold()).isZero();
    assertThat(link.message()).hasSize(8);
    assertThat(link.send(0, 4, 0, 1)).isEqualTo(1);
    assertThat(link.codec.threshold()).isEqualTo(4);
  }

  @Test
  void shouldFitTheLongestMessage() {
    var codec = new ThresholdCodec(0.5);
    codec.restore(1);
    var link = new Link(codec, 1000);
    assertThat(link.send(Floats.filled(1000, -1))).isEqualTo(1000);
    assertThat(link.message()).hasSize(ThresholdCodec.maxEncodedLength(1000));
  }

  @Test
  void shouldSendTheSameAfterRestore() {
    var count = 5_000;
    var one = new Link(new ThresholdCodec(0.01), count);
    var random = new Random(8);
    for (int step = 0; step < 10; step++) {
      one.send(Floats.gaussian(random, count, 1e-3));
      one.codec.adapt();
    }
    var other = new Link(new ThresholdCodec(0.01), count);
    other.codec.restore(one.codec.threshold());
    other.residual.putBytes(0, one.residual, 0, one.residual.capacity());
    for (int step = 0; step < 10; step++) {
      var values = Floats.gaussian(random, count, 1e-3);
      one.send(values);
      other.send(values);
      assertThat(other.message()).isEqualTo(one.message());
      one.codec.adapt();
      other.codec.adapt();
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void shouldMakeEveryValueNaNWhenOneIsNotFinite(float bad) {
    var values = Floats.gaussian(new Random(9), 2_000, 1);
    var link = new Link(new ThresholdCodec(0.1), values.length);
    link.send(values);
    var threshold = link.codec.threshold();
    values[1_234] = bad;
    assertThat(link.send(values)).isZero();
    assertThat(link.message()).hasSize(8);
    assertThat(Floats.readGuarded(link.received)).containsOnly(Float.NaN);
    assertThat(Floats.readGuarded(link.residual)).containsOnly(0);
    assertThat(link.codec.threshold()).isEqualTo(threshold);
  }

  @Test
  void shouldFindInfinityAmongZeros() {
    var link = new Link(new ThresholdCodec(0.1), 3);
    link.send(0, Float.POSITIVE_INFINITY, 0);
    assertThat(Floats.readGuarded(link.received)).containsOnly(Float.NaN);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, 0.51, Double.NaN})
  void shouldRefuseImpossibleShare(double share) {
    assertThatThrownBy(() -> new ThresholdCodec(share))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(String.valueOf(share));
  }

  @ParameterizedTest
  @ValueSource(floats = {-1, Float.NaN, Float.POSITIVE_INFINITY})
  void shouldRefuseImpossibleThreshold(float threshold) {
    var codec = new ThresholdCodec(0.1);
    assertThatThrownBy(() -> codec.restore(threshold))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(String.valueOf(threshold));
  }

  @Test
  void shouldRefuseRangesOutsideTheirBuffers() {
    var codec = new ThresholdCodec(0.1);
    var vector = Floats.buffer(40, true);
    var residual = Floats.buffer(40, true);
    var out = Floats.buffer(17, true);
    assertThatThrownBy(() -> codec.encode(vector, residual, 0, 10, out, 0))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("18 bytes from byte 0 on lie outside the wire buffer of 17 bytes");
    assertThatThrownBy(() -> codec.encode(vector, residual, 5, 6, out, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> ThresholdCodec.decodeAdding(out, 10, 8, vector, 0, 10))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> ThresholdCodec.maxEncodedLength(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Floats.untouchedOutside(out, 0, 0)).isTrue();
    assertThat(Floats.untouchedOutside(residual, 0, 0)).isTrue();
  }
}
