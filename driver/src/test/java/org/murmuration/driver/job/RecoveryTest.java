package org.murmuration.driver.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.murmuration.driver.spark.JobFailedException;
import org.murmuration.driver.spark.RankLostException;
import org.murmuration.worker.training.Position;
import org.murmuration.worker.training.TrainingResult;

/** What is tried again, from where, with how many, and how often. */
class RecoveryTest {
  private static final Position END = Position.after(9);

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final List<Position> attempts = new ArrayList<>();
  private final List<Integer> worlds = new ArrayList<>();

  /** What is saved when each of the attempts is lost; those after them come to their end. */
  private final Deque<Position> lostAfter = new ArrayDeque<>();

  /** Where attempts stop that are not lost. */
  private final Deque<Position> ends = new ArrayDeque<>();

  /** How many ranks there are after each wait; as many as before when nothing is said. */
  private final Deque<Integer> crews = new ArrayDeque<>();

  private Position saved = Position.START;
  private boolean unreachable;

  @Test
  void shouldRunOnceWhenNothingHappens() throws IOException {
    var recovery = recovery(0);

    assertThat(recovery.run(Position.START, attempt())).hasSize(1);
    assertThat(attempts).containsExactly(Position.START);
    assertThat(recovery.restarts()).isEmpty();
    assertThat(said.size()).isZero();
  }

  @Test
  void shouldGoOnFromTheNewestCheckpointOnceThereAreSlots() throws IOException {
    lostAfter.add(new Position(3, 7));
    var recovery = recovery(1);

    recovery.run(Position.START, attempt());

    assertThat(attempts).containsExactly(Position.START, new Position(3, 7));
    assertThat(worlds).containsExactly(4, 4);
    assertThat(recovery.restarts()).hasSize(1);
    assertThat(recovery.restarts().get(0).from()).isEqualTo(new Position(3, 7));
    assertThat(recovery.restarts().get(0).seconds())
        .hasValueSatisfying(seconds -> assertThat(seconds).isBetween(0.0, 10.0));
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains(
            "lost        rank 1 was lost",
            "going on    after step 7 of epoch 4, failure 1 of at most 1 (train.max-failures)");
  }

  @Test
  void shouldBeginAgainWhereNothingWasSaved() throws IOException {
    lostAfter.add(Position.START);

    recovery(1).run(Position.START, attempt());

    assertThat(attempts).containsExactly(Position.START, Position.START);
  }

  @Test
  void shouldGiveUpAfterTheFailuresThatAreAllowedWithoutProgress() {
    var two = Position.after(2);
    lostAfter.addAll(List.of(two, two, two));

    assertThatThrownBy(() -> recovery(2).run(two, attempt()))
        .isInstanceOf(RankLostException.class)
        .hasMessage("rank 1 was lost");
    assertThat(attempts).containsExactly(two, two, two);
  }

  @Test
  void shouldCountAnewAfterACheckpoint() throws IOException {
    lostAfter.addAll(
        List.of(new Position(0, 1), new Position(0, 2), new Position(0, 9), Position.after(1)));
    var recovery = recovery(1);

    recovery.run(Position.START, attempt());

    assertThat(attempts).hasSize(5).isSorted();
    assertThat(recovery.restarts()).hasSize(4);
  }

  @Test
  void shouldNotTryAgainWhatTheJobItselfDidWrong() {
    var wrong =
        new Recovery.Attempt() {
          @Override
          public List<RankResult> run(Position position, int ranks) {
            attempts.add(position);
            throw new JobFailedException("the loss is not a number", null);
          }

          @Override
          public boolean isDone(Position end, List<RankResult> results) {
            return true;
          }
        };

    assertThatThrownBy(() -> recovery(4).run(Position.START, wrong))
        .hasMessage("the loss is not a number");
    assertThat(attempts).containsExactly(Position.START);
  }

  /** Ranks that can't reach each other never will; those that could may again. */
  @Test
  void shouldTryRanksAgainThatFoundNobodyOnlyIfTheyHaveEverWorked() throws IOException {
    unreachable = true;
    lostAfter.addAll(List.of(Position.START));
    assertThatThrownBy(() -> recovery(4).run(Position.START, attempt()))
        .hasMessage("rank 1 was lost");
    assertThat(attempts).containsExactly(Position.START);

    lostAfter.addAll(List.of(new Position(0, 3)));
    recovery(4).run(Position.START, attempt());
    assertThat(attempts).last().isEqualTo(new Position(0, 3));
  }

  @Test
  void shouldGoOnWithThoseThatAreThere() throws IOException {
    lostAfter.add(new Position(1, 5));
    crews.addAll(List.of(3, 5));
    ends.addAll(List.of(Position.after(2), END));
    var recovery = recovery(1);

    recovery.run(Position.START, attempt());

    assertThat(worlds).containsExactly(4, 3, 5);
    assertThat(attempts).containsExactly(Position.START, new Position(1, 5), Position.after(2));
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains(
            "going on    after step 5 of epoch 2 with 3 ranks, 4 before",
            "going on    after epoch 2 with 5 ranks, 3 before");
    assertThat(recovery.ranks()).isEqualTo(5);
  }

  private Recovery recovery(int maxFailures) {
    return new Recovery(
        maxFailures,
        () -> saved,
        before -> crews.isEmpty() ? before : crews.remove(),
        () -> Instant.EPOCH,
        4,
        new PrintStream(said, true, StandardCharsets.UTF_8));
  }

  private Recovery.Attempt attempt() {
    return new Recovery.Attempt() {
      @Override
      public List<RankResult> run(Position position, int ranks) {
        attempts.add(position);
        worlds.add(ranks);
        if (!lostAfter.isEmpty()) {
          saved = lostAfter.remove();
          throw new RankLostException("rank 1 was lost", unreachable, null);
        }
        var end = ends.isEmpty() ? END : ends.remove();
        var training =
            new TrainingResult(end, List.of(), null, "", List.of(), 0, List.of(), null, null);
        return List.of(new RankResult(0, "host", "1", null, training, List.of(), Instant.now(), 0));
      }

      @Override
      public boolean isDone(Position end, List<RankResult> results) {
        return end.equals(END);
      }
    };
  }
}
