package org.murmuration.worker.model;

import java.util.Objects;
import org.murmuration.worker.model.ScheduleSpec.Shape;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The learning rate of every step, counted from 0. DL4J saves it with the model as JSON.
 *
 * <p>Save for {@code ONE_CYCLE}, step i of w warm-up steps has peak * (i + 1) / w (Goyal et al.
 * 2017). The last step of {@code COSINE} (Loshchilov and Hutter 2017) and {@code ONE_CYCLE} has
 * peak * finalFraction. Steps beyond the last have the rate of the last.
 *
 * <p>{@code STEP} has peak * gamma^(i / stepEvery), counted from step 0 whatever the warm-up.
 *
 * <p>{@code ONE_CYCLE} (Smith and Topin 2018, with cosines) rises from peak / 25 in its first step
 * to the peak in the last of the warm-up steps, of which there are 30 % of all steps if the
 * description says 0.
 */
public final class LearningRateSchedule implements ISchedule {
  private static final long serialVersionUID = 1L;
  private static final double ONE_CYCLE_START = 1.0 / 25;
  private static final double ONE_CYCLE_RISE = 0.3;

  @JsonProperty private final Shape shape;
  @JsonProperty private final int warmupSteps;
  @JsonProperty private final int stepEvery;
  @JsonProperty private final double gamma;
  @JsonProperty private final double finalFraction;
  @JsonProperty private final double peak;
  @JsonProperty private final int totalSteps;

  @JsonCreator
  private LearningRateSchedule(
      @JsonProperty("shape") Shape shape,
      @JsonProperty("warmupSteps") int warmupSteps,
      @JsonProperty("stepEvery") int stepEvery,
      @JsonProperty("gamma") double gamma,
      @JsonProperty("finalFraction") double finalFraction,
      @JsonProperty("peak") double peak,
      @JsonProperty("totalSteps") int totalSteps) {
    this.shape = shape;
    this.warmupSteps = warmupSteps;
    this.stepEvery = stepEvery;
    this.gamma = gamma;
    this.finalFraction = finalFraction;
    this.peak = peak;
    this.totalSteps = totalSteps;
  }

  /**
   * The schedule of a job.
   *
   * @param peak the highest learning rate
   * @param totalSteps the steps of the whole job
   * @throws IllegalArgumentException if a value is out of range
   */
  public static LearningRateSchedule of(ScheduleSpec spec, double peak, int totalSteps) {
    require(peak > 0 && Double.isFinite(peak), "learning rate must be > 0", peak);
    require(totalSteps >= 1, "the number of steps must be at least 1", totalSteps);
    int warmup = spec.warmupSteps();
    require(
        warmup >= 0 && warmup <= totalSteps,
        "warm-up steps must be between 0 and the %d steps of the job".formatted(totalSteps),
        warmup);
    switch (spec.shape()) {
      case CONSTANT -> {}
      case STEP -> {
        require(spec.stepEvery() >= 1, "steps between decays must be >= 1", spec.stepEvery());
        require(spec.gamma() > 0 && spec.gamma() <= 1, "gamma must be > 0 and <= 1", spec.gamma());
      }
      case COSINE, ONE_CYCLE ->
          require(
              spec.finalFraction() >= 0 && spec.finalFraction() <= 1,
              "the final fraction must be between 0 and 1",
              spec.finalFraction());
    }
    return new LearningRateSchedule(
        spec.shape(),
        warmup,
        spec.stepEvery(),
        spec.gamma(),
        spec.finalFraction(),
        peak,
        totalSteps);
  }

  private static void require(boolean holds, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(rule + ", but is " + value);
    }
  }

  /** The learning rate of a step; the epoch plays no part. */
  @Override
  public double valueAt(int iteration, int epoch) {
    int step = Math.min(iteration, totalSteps - 1);
    return switch (shape) {
      case CONSTANT -> step < warmupSteps ? warmup(step) : peak;
      case STEP ->
          step < warmupSteps
              ? warmup(step)
              : peak * Math.pow(gamma, Math.floorDiv(step, stepEvery));
      case COSINE -> step < warmupSteps ? warmup(step) : fall(step, warmupSteps);
      case ONE_CYCLE -> oneCycle(step);
    };
  }

  private double warmup(int step) {
    return peak * (step + 1) / warmupSteps;
  }

  /** From the peak in step {@code first} to the final fraction in the last step. */
  private double fall(int step, int first) {
    return cosine(peak, peak * finalFraction, step - first, totalSteps - 1 - first);
  }

  private double oneCycle(int step) {
    int rise =
        warmupSteps > 0 ? warmupSteps : Math.max(1, (int) Math.round(ONE_CYCLE_RISE * totalSteps));
    int top = rise - 1;
    return step < top ? cosine(peak * ONE_CYCLE_START, peak, step, top) : fall(step, top);
  }

  private static double cosine(double from, double to, int step, int steps) {
    if (steps == 0) {
      return from;
    }
    return to + (from - to) / 2 * (1 + Math.cos(Math.PI * step / steps));
  }

  @Override
  public LearningRateSchedule clone() {
    return new LearningRateSchedule(
        shape, warmupSteps, stepEvery, gamma, finalFraction, peak, totalSteps);
  }

  /**
   * By value, because DL4J updates parameters in one operation only if their updaters are equal.
   */
  @Override
  public boolean equals(Object other) {
    return other instanceof LearningRateSchedule that
        && shape == that.shape
        && warmupSteps == that.warmupSteps
        && stepEvery == that.stepEvery
        && Double.compare(gamma, that.gamma) == 0
        && Double.compare(finalFraction, that.finalFraction) == 0
        && Double.compare(peak, that.peak) == 0
        && totalSteps == that.totalSteps;
  }

  @Override
  public int hashCode() {
    return Objects.hash(shape, warmupSteps, stepEvery, gamma, finalFraction, peak, totalSteps);
  }
}
