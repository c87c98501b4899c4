package org.murmuration.worker.training;

import org.murmuration.worker.accel.plan.GradientListener;

/** Decides what is averaged and when, so that all ranks train one network. */
interface Synchronizer extends AutoCloseable {

  /** Before a step's gradient is computed; the listener is to be told of its finished parts. */
  GradientListener begin(int step);

  /**
   * After this rank's gradient is computed: waits for what is to be averaged in this step.
   *
   * @throws org.murmuration.worker.collective.CollectiveException when a peer is lost or too slow
   */
  void await(int step);

  /** Takes the step, after {@link #await}, and tells the phases what of it was averaging. */
  void update(int step, Phases phases);

  /** Lets a step pass without taking it, after {@link #await}. */
  void leaveOut(int step, Phases phases);

  /** Time in averaging since the start, hidden behind computing or not, in nanoseconds. */
  long busyNs();

  /** A copy of what this rank alone knows; empty when all ranks know the same. */
  RankState state();

  /**
   * Takes over what {@link #state} gave, after the replica has its own state back.
   *
   * @throws TrainingException when it is of another network or of other settings
   */
  void restore(RankState state);

  @Override
  void close();
}
