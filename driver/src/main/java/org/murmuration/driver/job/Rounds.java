package org.murmuration.driver.job;

import java.util.List;
import java.util.stream.IntStream;
import org.murmuration.driver.conf.TrainConf;

/**
 * The runs of ranks that a job takes. Ranks keep their samples while they run, so to deal samples
 * anew they end, and go on from a checkpoint.
 */
final class Rounds {
  private final int epochs;
  private final int epochsPerRound;
  private final int firstEpoch;

  /**
   * @param firstEpoch epochs that are done
   */
  Rounds(TrainConf train, int firstEpoch) {
    this.epochs = train.epochs();
    this.epochsPerRound = train.reshuffleEvery().orElse(Math.max(epochs, firstEpoch));
    this.firstEpoch = firstEpoch;
  }

  /**
   * Epochs that share one deal.
   *
   * @param number of the deal, from 0
   * @param from epochs that are done before
   * @param until epochs that are done after
   */
  record Round(int number, int from, int until) {}

  /** Whether samples are dealt more than once. */
  boolean dealsAnew() {
    return epochsPerRound < epochs;
  }

  /** The rounds from the first epoch that isn't done, one at least: it says how the job stands. */
  List<Round> left() {
    int first = Math.max(0, Math.min(firstEpoch, epochs - 1)) / epochsPerRound;
    int last = (epochs - 1) / epochsPerRound;
    return IntStream.rangeClosed(first, last)
        .mapToObj(
            number ->
                new Round(
                    number,
                    Math.max(firstEpoch, number * epochsPerRound),
                    Math.min(epochs, (number + 1) * epochsPerRound)))
        .toList();
  }
}
