package org.murmuration.worker.model;

/**
 * How the learning rate moves over the steps of a job.
 *
 * @param shape the shape after warm-up
 * @param warmupSteps steps of linear warm-up to the peak; for {@code ONE_CYCLE}, steps of the rise,
 *     where 0 means 30 % of all steps
 * @param stepEvery for {@code STEP}: steps between two decays
 * @param gamma for {@code STEP}: the factor of each decay
 * @param finalFraction for {@code COSINE} and {@code ONE_CYCLE}: the last learning rate as a
 *     fraction of the peak
 */
public record ScheduleSpec(
    Shape shape, int warmupSteps, int stepEvery, double gamma, double finalFraction) {

  /** The same with more steps of warm-up. */
  public ScheduleSpec plusWarmup(int steps) {
    return new ScheduleSpec(shape, warmupSteps + steps, stepEvery, gamma, finalFraction);
  }

  /** The shapes that a job file can name. */
  public enum Shape {
    CONSTANT,
    STEP,
    COSINE,
    ONE_CYCLE
  }
}
