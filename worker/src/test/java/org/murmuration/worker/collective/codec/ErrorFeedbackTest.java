package org.murmuration.worker.collective.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorFeedbackTest {
  /** Above this, what fp16 leaves of a saturated value is rounded twice. */
  private static final float EXACT_UP_TO = 0x1p28f;

  private static float[] quantised(HalfFormat format, float value, float residual) {
    var vector = Floats.guarded(new float[] {value}, true);
    var residuals = Floats.guarded(new float[] {residual}, true);
    format.codec().quantise(vector, residuals, Floats.GUARD, 1);
    return new float[] {Floats.readGuarded(vector)[0], Floats.readGuarded(residuals)[0]};
  }

  @Property(tries = 100)
  void shouldKeepExactlyWhatTheWireDoesNotSay(
      @ForAll HalfFormat format,
      @ForAll long seed,
      @ForAll @IntRange(max = Staging.BLOCK + 3) int count,
      @ForAll boolean direct) {
    var random = new Random(seed);
    var values = Floats.any(random, count);
    var residuals = Floats.any(random, count);
    var vector = Floats.guarded(values, direct);
    var residual = Floats.guarded(residuals, !direct);
    format.codec().quantise(vector, residual, Floats.GUARD, count);
    var sent = Floats.readGuarded(vector);
    var kept = Floats.readGuarded(residual);
    for (int i = 0; i < count; i++) {
      assertQuantised(format, values[i], residuals[i], sent[i], kept[i]);
    }
    assertThat(Floats.guardsUntouched(vector)).isTrue();
    assertThat(Floats.guardsUntouched(residual)).isTrue();
  }

  private static void assertQuantised(
      HalfFormat format, float value, float residual, float sent, float kept) {
    var sum = value + residual;
    if (!Float.isFinite(sum)) {
      assertThat(Float.valueOf(sent)).isEqualTo(Float.valueOf(sum));
      assertThat(kept).isZero();
      return;
    }
    assertThat(sent).isEqualTo((float) format.value(format.nearest(sum)));
    var lost = new BigDecimal(value).add(new BigDecimal(residual)).subtract(new BigDecimal(sent));
    var expected = lost.floatValue();
    assertThat(Math.abs((double) kept - expected))
        .as("%s: %s + %s - %s leaves %s, was %s", format, value, residual, sent, expected, kept)
        .isLessThanOrEqualTo(Math.abs(sum) > EXACT_UP_TO ? Math.ulp(expected) : 0);
  }

  @ParameterizedTest
  @EnumSource
  void shouldDeliverInTimeWhatOneStepCannotSay(HalfFormat format) {
    var random = new Random(11);
    var count = 1000;
    var steps = 200;
    var codec = format.codec();
    var residual = Floats.guarded(new float[count], true);
    var put = new double[count];
    var sent = new double[count];
    for (int step = 0; step < steps; step++) {
      var values = Floats.gaussian(random, count, 1e-3);
      var vector = Floats.guarded(values, true);
      codec.quantise(vector, residual, Floats.GUARD, count);
      var quantised = Floats.readGuarded(vector);
      for (int i = 0; i < count; i++) {
        put[i] += values[i];
        sent[i] += quantised[i];
      }
    }
    var kept = Floats.readGuarded(residual);
    for (int i = 0; i < count; i++) {
      // Values stay below 2^-7, so residuals below 2^-15 (half of bf16's spacing), and each
      // step rounds a residual by at most 2^-24 of itself.
      assertThat(sent[i] + kept[i]).isEqualTo(put[i], within(steps * 0x1p-39));
      assertThat(kept[i]).isBetween(-0x1p-15f, 0x1p-15f);
    }
  }

  @Test
  void shouldSendASmallRestWhenItHasGrown() {
    // bf16 knows 1 and 1 + 2^-7. Four steps of 1 + 2^-10 gather half of the difference, a tie that
    // goes to the even 1; the fifth sends the whole of it in advance.
    var residual = 0f;
    var sent = 0f;
    for (int step = 1; step <= 5; step++) {
      var quantised = quantised(HalfFormat.BF16, 1 + 0x1p-10f, residual);
      assertThat(quantised[0]).isEqualTo(step < 5 ? 1 : 1 + 0x1p-7f);
      sent += quantised[0];
      residual = quantised[1];
    }
    assertThat(residual).isEqualTo(5 * 0x1p-10f - 0x1p-7f);
    assertThat(sent + residual).isEqualTo(5 + 5 * 0x1p-10f);
  }

  @Test
  void shouldSendTheRestOfASaturatedValueLater() {
    assertThat(quantised(HalfFormat.FP16, 100_000, 0)).containsExactly(65_504, 34_496);
    assertThat(quantised(HalfFormat.FP16, 0, 34_496)).containsExactly(34_496, 0);
  }

  @ParameterizedTest
  @EnumSource
  void shouldKeepResidualsFarBelowTheValue(HalfFormat format) {
    assertThat(quantised(format, 1, 0x1p-40f)).containsExactly(1, 0x1p-40f);
  }

  @ParameterizedTest
  @EnumSource
  void shouldPassOnWhatIsNotFinite(HalfFormat format) {
    assertThat(quantised(format, Float.NaN, 1)).containsExactly(Float.NaN, 0);
    assertThat(quantised(format, 1, Float.NaN)).containsExactly(Float.NaN, 0);
    assertThat(quantised(format, Float.NEGATIVE_INFINITY, 1))
        .containsExactly(Float.NEGATIVE_INFINITY, 0);
    assertThat(quantised(format, Float.MAX_VALUE, Float.MAX_VALUE))
        .containsExactly(Float.POSITIVE_INFINITY, 0);
  }

  @ParameterizedTest
  @EnumSource
  void shouldSendQuantisedValuesWithoutLoss(HalfFormat format) {
    var count = 2 * Staging.BLOCK + 1;
    var vector = Floats.guarded(Floats.any(new Random(5), count), true);
    var codec = format.codec();
    codec.quantise(vector, Floats.guarded(new float[count], true), Floats.GUARD, count);
    var wire = Floats.buffer(count * Short.BYTES, false);
    codec.encode(vector, Floats.GUARD, count, wire, 0);
    var arrived = Floats.buffer(count * Float.BYTES, true);
    codec.decode(wire, 0, arrived, 0, count);
    assertThat(Floats.read(arrived, 0, count)).isEqualTo(Floats.readGuarded(vector));
  }
}
