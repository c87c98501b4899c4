package org.murmuration.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.junit.jupiter.api.Test;
import org.murmuration.worker.model.ScheduleSpec.Shape;
import org.nd4j.linalg.schedule.ISchedule;

class LearningRateScheduleTest {

  private static double[] rates(ScheduleSpec spec, double peak, int steps) {
    LearningRateSchedule schedule = LearningRateSchedule.of(spec, peak, steps);
    return IntStream.range(0, steps + 2).mapToDouble(i -> schedule.valueAt(i, 0)).toArray();
  }

  private static void assertRates(ScheduleSpec spec, double peak, int steps, double... expected) {
    assertThat(rates(spec, peak, steps)).containsExactly(expected, within(1e-12));
  }

  @Test
  void shouldWarmUpThenStay() {
    assertRates(
        new ScheduleSpec(Shape.CONSTANT, 4, 1, 1, 0),
        0.8,
        6,
        0.2,
        0.4,
        0.6,
        0.8,
        0.8,
        0.8,
        0.8,
        0.8);
  }

  @Test
  void shouldDecayEveryFewStepsCountedFromTheFirst() {
    assertRates(
        new ScheduleSpec(Shape.STEP, 2, 3, 0.1, 0),
        1,
        7,
        0.5,
        1,
        1,
        0.1,
        0.1,
        0.1,
        0.01,
        0.01,
        0.01);
  }

  /** cos(k pi / 4) = 1, 0.7071, 0, -0.7071, -1. */
  @Test
  void shouldFallAlongACosineToTheFinalFraction() {
    double half = Math.sqrt(0.5);
    assertRates(
        new ScheduleSpec(Shape.COSINE, 2, 1, 1, 0.2),
        1,
        7,
        0.5,
        1,
        1,
        0.6 + 0.4 * half,
        0.6,
        0.6 - 0.4 * half,
        0.2,
        0.2,
        0.2);
  }

  @Test
  void shouldFallToZeroWithoutWarmUp() {
    assertRates(new ScheduleSpec(Shape.COSINE, 0, 1, 1, 0), 2, 3, 2, 1, 0, 0, 0);
  }

  @Test
  void shouldRiseAndFallInOneCycle() {
    // Up from 1/25 to 1 in steps 0, 1, 2, then down in 4 steps to 0.1.
    double half = Math.sqrt(0.5);
    assertRates(
        new ScheduleSpec(Shape.ONE_CYCLE, 3, 1, 1, 0.1),
        1,
        7,
        0.04,
        0.52,
        1,
        0.55 + 0.45 * half,
        0.55,
        0.55 - 0.45 * half,
        0.1,
        0.1,
        0.1);
  }

  @Test
  void shouldRiseForThirtyPercentOfOneCycleByDefault() {
    double[] rates = rates(new ScheduleSpec(Shape.ONE_CYCLE, 0, 1, 1, 0), 5, 100);

    assertThat(rates[0]).isEqualTo(0.2, within(1e-12));
    assertThat(rates[29]).isEqualTo(5);
    assertThat(rates[28]).isLessThan(5);
    assertThat(rates[30]).isLessThan(5);
    assertThat(rates[99]).isEqualTo(0, within(1e-12));
  }

  @Test
  void shouldManageAJobOfOneStep() {
    for (Shape shape : Shape.values()) {
      assertThat(rates(new ScheduleSpec(shape, 0, 1, 0.5, 0), 3, 1)[0]).isEqualTo(3);
    }
  }

  @Test
  void shouldComeBackEqualFromJson() throws Exception {
    for (Shape shape : Shape.values()) {
      ISchedule schedule =
          LearningRateSchedule.of(new ScheduleSpec(shape, 3, 7, 0.3, 0.01), 0.4, 50);

      String json = JsonMappers.getMapper().writeValueAsString(schedule);

      assertThat(JsonMappers.getMapper().readValue(json, ISchedule.class))
          .isEqualTo(schedule)
          .isEqualTo(schedule.clone())
          .hasSameHashCodeAs(schedule);
    }
  }

  @Test
  void shouldRefuseValuesOutOfRange() {
    assertRefused(new ScheduleSpec(Shape.CONSTANT, 0, 1, 1, 0), 0, 10, "learning rate", "0.0");
    assertRefused(new ScheduleSpec(Shape.CONSTANT, 0, 1, 1, 0), 1, 0, "number of steps", "0");
    assertRefused(new ScheduleSpec(Shape.CONSTANT, 11, 1, 1, 0), 1, 10, "the 10 steps", "11");
    assertRefused(new ScheduleSpec(Shape.STEP, 0, 0, 1, 0), 1, 10, "between decays", "0");
    assertRefused(new ScheduleSpec(Shape.STEP, 0, 1, 0, 0), 1, 10, "gamma", "0.0");
    assertRefused(new ScheduleSpec(Shape.COSINE, 0, 1, 1, 1.5), 1, 10, "final fraction", "1.5");
  }

  private static void assertRefused(
      ScheduleSpec spec, double peak, int steps, String rule, String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LearningRateSchedule.of(spec, peak, steps))
        .withMessageContaining(rule)
        .withMessageEndingWith("but is " + value);
  }
}
