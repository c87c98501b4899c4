package org.murmuration.worker.training;

import java.util.Optional;

/** Learns how training goes, on the rank's own thread: it must be quick. */
public interface TrainingListener {

  /**
   * After every step that was taken.
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

  /** What this rank wants of the run. */
  default Wish wish() {
    return Wish.GO_ON;
  }

  /** Whether a checkpoint is due for another reason than the position; asked on rank 0. */
  default boolean wantsCheckpoint() {
    return false;
  }

  /**
   * A checkpoint is due; called on every rank, after the report of the epoch if one has ended.
   *
   * @param position how far the job is
   * @param underWay what this rank did of the epoch under way
   * @param state what this rank alone knows
   * @param ends whether the run ends here
   */
  void checkpointDue(Position position, EpochTotals underWay, RankState state, boolean ends);

  /** Something went wrong in a step, and training goes on. */
  default void happened(Incident incident) {}

  /**
   * Puts the network back to its newest checkpoint; called on every rank.
   *
   * @return what this rank alone knew then
   * @throws TrainingException when there is none
   */
  default Optional<RankState> rollBack() {
    throw new TrainingException("nothing keeps checkpoints here");
  }
}
