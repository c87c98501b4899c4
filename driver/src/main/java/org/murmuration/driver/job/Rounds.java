package org.murmuration.driver.job;

import java.util.List;
import java.util.stream.IntStream;
import org.murmuration.driver.conf.TrainConf;
import org.murmuration.worker.training.Position;

/**
 * The runs of ranks that a job takes. Ranks keep their samples while they run, so to deal samples
 * anew they end, and go on from a checkpoint.
 */
final class Rounds {
  private final int epochs;
  private final int epochsPerRound;
  private final Position start;

  /**
   * @param start what is done
   */
  Rounds(TrainConf train, Position start) {
    this.epochs = train.epochs();
    this.epochsPerRound = train.reshuffleEvery().orElse(Math.max(epochs, start.epoch()));
    this.start = start;
  }

  /**
   * Epochs that share one deal.
   *
   * @param number of the deal, from 0
   * @param from what is done before
   * @param until epochs that are done after
   */
  record Round(int number, Position from, int until) {}

  /** Whether samples are dealt more than once. */
  boolean dealsAnew() {
    return epochsPerRound < epochs;
  }

  /** The rounds from the first epoch that isn't done, one at least: it says how the job stands. */
  List<Round> left() {
    int first = Math.max(0, Math.min(start.epoch(), epochs - 1)) / epochsPerRound;
    int last = (epochs - 1) / epochsPerRound;
    return IntStream.rangeClosed(first, last)
        .mapToObj(
            number ->
                new Round(
                    number,
                    later(start, Position.after(number * epochsPerRound)),
                    Math.min(epochs, (number + 1) * epochsPerRound)))
        .toList();
  }

  private static Position later(Position one, Position other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
