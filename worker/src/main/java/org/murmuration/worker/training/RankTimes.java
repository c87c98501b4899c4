package org.murmuration.worker.training;

import java.io.Serializable;

/**
 * Where one rank's time of an epoch went.
 *
 * @param rank the rank
 * @param computeSeconds in forward, backward and update
 * @param exposedCommunicationSeconds in nothing but averaging, waiting for slower ranks included
 * @param hiddenCommunicationSeconds in averaging while it also computed
 * @param inputSeconds in waiting for the next batch
 */
public record RankTimes(
    int rank,
    double computeSeconds,
    double exposedCommunicationSeconds,
    double hiddenCommunicationSeconds,
    double inputSeconds)
    implements Serializable {

  /** Time of its own, in which the others may have waited for it. */
  double ownSeconds() {
    return computeSeconds + inputSeconds;
  }
}
