package org.murmuration.driver.ui;

import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import org.murmuration.worker.training.EpochReport;
import org.murmuration.worker.training.Incident;

/**
 * How far a job is.
 *
 * @param epoch the epoch under way, counting from 1
 * @param epochs epochs in all
 * @param step steps done in this epoch
 * @param steps steps of an epoch
 * @param loss rank 0's mean loss since the epoch began
 * @param imagesPerSecond of all ranks since the epoch began
 * @param done the epochs that are over
 * @param incidents since the ranks were started last
 * @param firstStep when the first step was done since then
 */
public record Progress(
    int epoch,
    int epochs,
    int step,
    int steps,
    double loss,
    double imagesPerSecond,
    List<EpochReport> done,
    List<Incident> incidents,
    Instant firstStep)
    implements Serializable {

  /** Before the first step. */
  public static Progress none() {
    return new Progress(0, 0, 0, 0, Double.NaN, 0, List.of(), List.of(), Instant.EPOCH);
  }
}
