package org.murmuration.worker.training;

import java.io.Serializable;
import java.time.Duration;

/**
 * When the state of a job is saved, beside the end of a run; each rule for itself.
 *
 * @param epochs between two checkpoints, at least 1
 * @param steps between two checkpoints within an epoch; 0 for none by steps
 * @param interval between two checkpoints; zero for none by time
 */
public record CheckpointPlan(int epochs, int steps, Duration interval) implements Serializable {

  /** At the ends of epochs only. */
  public static CheckpointPlan everyEpochs(int epochs) {
    return new CheckpointPlan(epochs, 0, Duration.ZERO);
  }

  boolean isDueAfterStep(int stepsDone) {
    return steps > 0 && stepsDone % steps == 0;
  }

  boolean isDue(Duration sinceTheLast) {
    return !interval.isZero() && sinceTheLast.compareTo(interval) >= 0;
  }
}
