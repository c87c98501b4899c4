package org.murmuration.worker.training;

/** Learns how training goes, on the rank's own thread: it must be quick. */
public interface TrainingListener {

  /**
   * After every step.
   *
   * @param epoch counting from 0
   * @param step counting from 0
   * @param steps steps of an epoch
   * @param loss this rank's mean loss in this step; NaN on a rank without samples
   */
  void stepDone(int epoch, int step, int steps, double loss);

  /** After every epoch, with figures over all ranks. */
  void epochDone(EpochReport report);

  /** Whether training is to go on after the epochs that are done; the same on every rank. */
  default boolean goesOn() {
    return true;
  }

  /**
   * After the report of an epoch that ends with a checkpoint; called on every rank.
   *
   * @param state what this rank alone knows
   */
  void checkpointDue(RankState state);
}
