package org.murmuration.worker.training;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.murmuration.worker.accel.ComputationInfo;

/**
 * What training on one rank came to; epochs, test and checksum are the same on every rank.
 *
 * @param epochs all epochs, those of earlier runs included
 * @param test the confusion matrix of the last evaluation, or null when there was none
 * @param parameterChecksum of the final parameters
 * @param suspects training samples of this rank with high losses, if they were asked for
 * @param samples training samples that this rank held
 * @param computation how this rank computed
 */
public record TrainingResult(
    List<EpochReport> epochs,
    ConfusionMatrix test,
    String parameterChecksum,
    List<Suspect> suspects,
    long samples,
    ComputationInfo computation)
    implements Serializable {

  /** The confusion matrix of the last evaluation. */
  public Optional<ConfusionMatrix> lastTest() {
    return Optional.ofNullable(test);
  }
}
