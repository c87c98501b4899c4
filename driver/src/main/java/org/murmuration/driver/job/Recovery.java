package org.murmuration.driver.job;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.murmuration.driver.spark.RankLostException;

/**
 * Starts ranks again that were lost with their executors, all of them, from the newest checkpoint
 * that verifies: the model is the one that it would have been.
 */
final class Recovery {
  private static final double MS_PER_SECOND = 1e3;

  private final int maxFailures;
  private final IntSupplier epochsSaved;
  private final Runnable slots;
  private final PrintStream out;
  private final List<Restart> restarts = new ArrayList<>();

  /**
   * @param maxFailures how often in a row ranks may be lost without an epoch saved in between
   * @param epochsSaved after how many epochs the newest checkpoint was made; 0 when there is none
   * @param slots waits until the cluster has a slot for each rank
   * @param out where to say what happened
   */
  Recovery(int maxFailures, IntSupplier epochsSaved, Runnable slots, PrintStream out) {
    this.maxFailures = maxFailures;
    this.epochsSaved = epochsSaved;
    this.slots = slots;
    this.out = out;
  }

  /**
   * One restart of the ranks.
   *
   * @param reason which rank was lost and how
   * @param fromEpoch epochs that were done and saved
   * @param lost when the driver noticed
   * @param firstStep when rank 0 had done its first step again; empty when it came to none
   */
  record Restart(String reason, int fromEpoch, Instant lost, Optional<Instant> firstStep) {
    /** From noticing the loss to the end of the first step, if there was one. */
    Optional<Double> seconds() {
      return firstStep.map(step -> Duration.between(lost, step).toMillis() / MS_PER_SECOND);
    }
  }

  /** What runs the ranks. */
  interface Attempt {
    /**
     * Runs them to their end.
     *
     * @param epochsDone that the newest checkpoint holds
     */
    List<RankResult> from(int epochsDone) throws IOException;
  }

  /** The restarts so far. */
  List<Restart> restarts() {
    return List.copyOf(restarts);
  }

  /**
   * Runs ranks to their end.
   *
   * @param epochsDone before
   * @throws RankLostException when they were lost once more than is allowed
   */
  List<RankResult> run(int epochsDone, Attempt attempt) throws IOException {
    int from = epochsDone;
    int failures = 0;
    while (true) {
      try {
        var results = attempt.from(from);
        if (failures > 0) {
          reached(results.get(0).firstStep());
        }
        return results;
      } catch (RankLostException e) {
        var saved = Math.max(epochsDone, epochsSaved.getAsInt());
        failures = saved > from ? 1 : failures + 1;
        from = saved;
        if (failures > maxFailures) {
          throw e;
        }
        out.printf("lost        %s%n", e.getMessage());
        restarts.add(new Restart(e.getMessage(), from, Instant.now(), Optional.empty()));
        slots.run();
        out.printf(
            "going on    %s, failure %d of at most %d (train.max-failures)%n",
            from == 0 ? "from the beginning" : "after epoch " + from, failures, maxFailures);
      }
    }
  }

  private void reached(Optional<Instant> firstStep) {
    var last = restarts.remove(restarts.size() - 1);
    restarts.add(new Restart(last.reason(), last.fromEpoch(), last.lost(), firstStep));
  }
}
