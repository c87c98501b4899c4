package org.murmuration.driver.job;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.murmuration.driver.spark.RankLostException;
import org.murmuration.worker.training.Position;

/**
 * Runs ranks until they are done, however often they fail or are stopped: all of them begin again
 * from the newest checkpoint that verifies, so the model is the one that it would have been.
 */
final class Recovery {
  private static final double MS_PER_SECOND = 1e3;

  private final int maxFailures;
  private final Supplier<Position> saved;
  private final Mustering crew;
  private final Supplier<Instant> firstStep;
  private final PrintStream out;
  private final List<Restart> restarts = new ArrayList<>();
  private int ranks;

  /** How many ranks there are after some were lost. */
  interface Mustering {
    /**
     * Waits for them.
     *
     * @param before how many there were
     */
    int next(int before);
  }

  /**
   * @param maxFailures how often in a row ranks may fail without a checkpoint in between
   * @param saved the position of the newest checkpoint
   * @param crew says how many ranks go on
   * @param firstStep when the ranks that were heard of last had done their first step
   * @param ranks how many begin
   * @param out where to say what happened
   */
  Recovery(
      int maxFailures,
      Supplier<Position> saved,
      Mustering crew,
      Supplier<Instant> firstStep,
      int ranks,
      PrintStream out) {
    this.maxFailures = maxFailures;
    this.saved = saved;
    this.crew = crew;
    this.firstStep = firstStep;
    this.ranks = ranks;
    this.out = out;
  }

  /**
   * One restart of the ranks.
   *
   * @param reason which rank was lost and how, or why they were stopped
   * @param from what was done and saved
   * @param ranks that went on
   * @param lost when the driver noticed
   * @param firstStep when rank 0 had done its first step again; empty when it came to none
   */
  record Restart(
      String reason, Position from, int ranks, Instant lost, Optional<Instant> firstStep) {
    /** From noticing the loss to the end of the first step, if there was one. */
    Optional<Double> seconds() {
      return firstStep.map(step -> Duration.between(lost, step).toMillis() / MS_PER_SECOND);
    }
  }

  /** What runs the ranks. */
  interface Attempt {
    /**
     * Runs them until they are done, or stopped.
     *
     * @param position that the newest checkpoint holds
     */
    List<RankResult> run(Position position, int ranks) throws IOException;

    /** Whether what ranks came to is what they are for. */
    boolean isDone(Position end, List<RankResult> results);
  }

  /** The restarts so far. */
  List<Restart> restarts() {
    return List.copyOf(restarts);
  }

  /** How many ranks are at work. */
  int ranks() {
    return ranks;
  }

  /**
   * Runs ranks to their end.
   *
   * @param start what is done and saved before
   * @throws RankLostException when they failed once more than is allowed
   */
  List<RankResult> run(Position start, Attempt attempt) throws IOException {
    var from = start;
    int failures = 0;
    while (true) {
      try {
        var results = attempt.run(from, ranks);
        results.get(0).firstStep().ifPresent(this::reached);
        from = results.get(0).training().end();
        if (attempt.isDone(from, results)) {
          return results;
        }
        failures = 0;
        goOn("stopped for a change of executors", from, Instant.now(), "");
      } catch (RankLostException e) {
        var noticed = Instant.now();
        reached(firstStep.get());
        var newest = latest(start, saved.get());
        failures = newest.compareTo(from) > 0 ? 1 : failures + 1;
        from = newest;
        if (failures > maxFailures || (e.onlyOnceItRan() && from.equals(Position.START))) {
          throw e;
        }
        out.printf("lost        %s%n", e.getMessage());
        goOn(
            e.getMessage(),
            from,
            noticed,
            ", failure %d of at most %d (train.max-failures)".formatted(failures, maxFailures));
      }
    }
  }

  private void goOn(String reason, Position from, Instant noticed, String count) {
    int before = ranks;
    ranks = crew.next(before);
    restarts.add(new Restart(reason, from, ranks, noticed, Optional.empty()));
    var change = ranks == before ? "" : " with %d ranks, %d before".formatted(ranks, before);
    out.printf(
        "going on    %s%s%s%n",
        from.equals(Position.START) ? "from the beginning" : from, change, count);
  }

  private static Position latest(Position one, Position other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  /** Completes the last restart, if these are the first steps after it. */
  private void reached(Instant step) {
    if (restarts.isEmpty()) {
      return;
    }
    var last = restarts.get(restarts.size() - 1);
    if (last.firstStep().isEmpty() && step.isAfter(last.lost())) {
      restarts.set(
          restarts.size() - 1,
          new Restart(last.reason(), last.from(), last.ranks(), last.lost(), Optional.of(step)));
    }
  }
}
