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

/** What is tried again, from where, and how often. */
class RecoveryTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final List<Integer> attempts = new ArrayList<>();

  /** Epochs that are saved when each of the attempts is lost; those after them succeed. */
  private final Deque<Integer> lostAfter = new ArrayDeque<>();

  private int saved;
  private int waits;

  @Test
  void shouldRunOnceWhenNothingHappens() throws IOException {
    var recovery = recovery(0);

    assertThat(recovery.run(0, this::attempt)).hasSize(1);
    assertThat(attempts).containsExactly(0);
    assertThat(recovery.restarts()).isEmpty();
    assertThat(waits).isZero();
  }

  @Test
  void shouldGoOnFromTheNewestCheckpointOnceThereAreSlots() throws IOException {
    lostAfter.add(3);
    var recovery = recovery(1);

    recovery.run(0, this::attempt);

    assertThat(attempts).containsExactly(0, 3);
    assertThat(waits).isEqualTo(1);
    assertThat(recovery.restarts()).hasSize(1);
    assertThat(recovery.restarts().get(0).fromEpoch()).isEqualTo(3);
    assertThat(recovery.restarts().get(0).seconds())
        .hasValueSatisfying(seconds -> assertThat(seconds).isBetween(0.0, 10.0));
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("lost        rank 1 was lost", "after epoch 3, failure 1 of at most 1");
  }

  @Test
  void shouldBeginAgainWhereNothingWasSaved() throws IOException {
    lostAfter.add(0);

    recovery(1).run(0, this::attempt);

    assertThat(attempts).containsExactly(0, 0);
  }

  @Test
  void shouldGiveUpAfterTheFailuresThatAreAllowedWithoutProgress() {
    lostAfter.addAll(List.of(2, 2, 2));

    assertThatThrownBy(() -> recovery(2).run(2, this::attempt))
        .isInstanceOf(RankLostException.class)
        .hasMessage("rank 1 was lost");
    assertThat(attempts).containsExactly(2, 2, 2);
  }

  @Test
  void shouldCountAnewAfterAnEpochWasSaved() throws IOException {
    lostAfter.addAll(List.of(1, 2, 3, 4));
    var recovery = recovery(1);

    recovery.run(0, this::attempt);

    assertThat(attempts).containsExactly(0, 1, 2, 3, 4);
    assertThat(recovery.restarts()).hasSize(4);
  }

  @Test
  void shouldNotTryAgainWhatTheJobItselfDidWrong() {
    assertThatThrownBy(
            () ->
                recovery(4)
                    .run(
                        0,
                        from -> {
                          attempts.add(from);
                          throw new JobFailedException("the loss is not a number", null);
                        }))
        .hasMessage("the loss is not a number");
    assertThat(attempts).containsExactly(0);
  }

  private Recovery recovery(int maxFailures) {
    return new Recovery(
        maxFailures,
        () -> saved,
        () -> waits++,
        new PrintStream(said, true, StandardCharsets.UTF_8));
  }

  private List<RankResult> attempt(int from) {
    attempts.add(from);
    if (!lostAfter.isEmpty()) {
      saved = lostAfter.remove();
      throw new RankLostException("rank 1 was lost", null);
    }
    return List.of(new RankResult(0, "host", "1", null, null, List.of(), Instant.now(), 0));
  }
}
