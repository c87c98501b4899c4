package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.murmuration.worker.accel.PreparedBackend;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.data.PrefetchingBatches;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Training on batches that a thread of their own prepares ahead. */
@ExtendWith(PreparedBackend.class)
@Timeout(60)
class PrefetchedTrainingTest {

  /** Makes no batch of one step before the gate is open. */
  private static final class Late extends ForwardingBatches {
    private final int lateStep;
    private final CountDownLatch gate;

    Late(BatchSource source, int lateStep, CountDownLatch gate) {
      super(source);
      this.lateStep = lateStep;
      this.gate = gate;
    }

    @Override
    public MultiDataSet batch(int epoch, int step) {
      if (step == lateStep) {
        try {
          gate.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException("interrupted before the gate was open", e);
        }
      }
      return super.batch(epoch, step);
    }
  }

  /** Dropout and uneven last batches are in it. */
  @Test
  void shouldTakeTheVerySameCourseWithBatchesPreparedAhead() {
    var configuration =
        Nets.configuration(Nets.small(Nets.BATCH_NORM, Nets.DROPOUT), Nets.momentum(0.02));
    var plan = new TrainingPlan(3, 1, 1, 1);

    var plain =
        World.train(
            2, configuration, plan, (rank, size) -> SampleData.training(100, 16, 1, rank, size));
    var ahead =
        World.train(
            2,
            configuration,
            plan,
            (rank, size) ->
                new PrefetchingBatches(
                    SampleData.training(100, 16, 1, rank, size), Duration.ofSeconds(20)));

    assertThat(ahead.losses()).hasSize(21).containsExactly(plain.losses());
    assertThat(ahead.checksums()).isEqualTo(plain.checksums());
  }

  /** The last batch comes late, for as long as the loop is seen waiting for it. */
  @Test
  void shouldCountTheTimeOfWaitingForABatchThatIsPreparedAhead() throws Exception {
    var waited = Duration.ofMillis(300);
    var gate = new CountDownLatch(1);
    var notes = Notes.quiet();
    try (var batches =
        new PrefetchingBatches(
            new Late(SampleData.training(20, 8, 1, 0, 1), 2, gate), Duration.ofSeconds(20))) {
      var graph = Nets.graph(Nets.configuration(Nets.small(), Nets.momentum(0.01)));
      var loop =
          new TrainingLoop(
              new Replica(graph),
              batches,
              Optional.empty(),
              new LoneRank(0),
              new TrainingPlan(1, 1, 1, 1),
              notes);
      var training = new Thread(() -> loop.run(TrainingLoop.Start.after(0)));
      training.start();

      await()
          .during(waited)
          .until(
              () ->
                  notes.events().size() == 2 && training.getState() == Thread.State.TIMED_WAITING);
      gate.countDown();
      training.join();
    }

    var epoch = notes.epochs().get(0);
    assertThat(epoch.inputSeconds())
        .isBetween(waited.toMillis() / 1e3, epoch.wallSeconds() - epoch.computeSeconds());
  }
}
