package org.murmuration.worker.training;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.murmuration.worker.accel.ComputationInfo;

/**
 * What training on one rank came to; epochs, test and checksum are the same on every rank.
 *
 * @param end how far the run came: not to its end where a rank wished it to stop
 * @param epochs all epochs, those of earlier runs included
 * @param test the confusion matrix of the last evaluation, or null when there was none
 * @param parameterChecksum of the final parameters
 * @param suspects training samples of this rank with high losses, if they were asked for
 * @param samples training samples that this rank held
 * @param incidents what went wrong, in earlier runs included; on rank 0
 * @param saving what checkpoints took; on rank 0
 * @param computation how this rank computed
 */
public record TrainingResult(
    Position end,
    List<EpochReport> epochs,
    ConfusionMatrix test,
    String parameterChecksum,
    List<Suspect> suspects,
    long samples,
    List<Incident> incidents,
    Saving saving,
    ComputationInfo computation)
    implements Serializable {

  /**
   * What the checkpoints of a run took.
   *
   * @param checkpoints that were written
   * @param stepSeconds in which training waited, for the copy
   * @param writeSeconds in the background
   */
  public record Saving(int checkpoints, double stepSeconds, double writeSeconds)
      implements Serializable {}

  /** The confusion matrix of the last evaluation. */
  public Optional<ConfusionMatrix> lastTest() {
    return Optional.ofNullable(test);
  }
}
