package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.accel.PreparedBackend;
import org.murmuration.worker.collective.Ranks;
import org.murmuration.worker.data.BatchSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.api.MultiDataSet;

@ExtendWith(PreparedBackend.class)
@Timeout(60)
class TrainingLoopTest {

  /** Changes the images of one step. */
  private static final class Spoiled extends ForwardingBatches {
    private final int spoiledStep;
    private final float pixel;

    Spoiled(BatchSource source, int spoiledStep, float pixel) {
      super(source);
      this.spoiledStep = spoiledStep;
      this.pixel = pixel;
    }

    @Override
    public MultiDataSet batch(int epoch, int step) {
      var batch = super.batch(epoch, step);
      if (step == spoiledStep) {
        var features = batch.getFeatures(0).castTo(DataType.FLOAT);
        features.putScalar(new long[] {1, 2, 15, 15}, pixel);
        batch.setFeatures(0, features);
      }
      return batch;
    }
  }

  private static Replica replica(double learningRate) {
    return new Replica(Nets.graph(Nets.configuration(Nets.small(), Nets.momentum(learningRate))));
  }

  private static TrainingLoop loop(
      Replica replica, BatchSource batches, int rank, TrainingPlan plan, Notes notes) {
    return new TrainingLoop(replica, batches, Optional.empty(), new LoneRank(rank), plan, notes);
  }

  private static BatchSource threeSteps() {
    return SampleData.training(20, 8, 1, 0, 1);
  }

  @Test
  void shouldTellOfStepsEpochsAndCheckpointsInOrder() {
    var notes = Notes.quiet();
    var test = SampleData.test(30, 16, 0, 1);

    var matrix =
        new TrainingLoop(
                replica(0.01),
                threeSteps(),
                Optional.of(new TrainingLoop.Test(test, SampleData.CLASSES)),
                new LoneRank(0),
                new TrainingPlan(4, 1, 3, 2),
                notes)
            .run(TrainingLoop.Start.after(1))
            .lastTest();

    assertThat(notes.events())
        .containsExactly(
            "step 1.0 of 3",
            "step 1.1 of 3",
            "step 1.2 of 3",
            "epoch 2",
            "checkpoint",
            "step 2.0 of 3",
            "step 2.1 of 3",
            "step 2.2 of 3",
            "epoch 3",
            "step 3.0 of 3",
            "step 3.1 of 3",
            "step 3.2 of 3",
            "epoch 4",
            "checkpoint");
    assertThat(notes.epochs().get(0).testAccuracy()).isNaN();
    assertThat(notes.epochs().get(1).testAccuracy()).isBetween(0.0, 1.0);
    assertThat(notes.epochs().get(2).testLoss()).isEqualTo(matrix.orElseThrow().meanLoss());
    assertThat(matrix.orElseThrow().samples()).isEqualTo(30);
  }

  @Test
  void shouldReportWhatAllRanksDidTogether() {
    var world =
        World.train(
            3,
            Nets.configuration(Nets.small(), Nets.momentum(0.01)),
            new TrainingPlan(2, 1, 1, 1),
            (rank, size) -> SampleData.training(20, 8, 1, rank, size));

    var losses = world.losses();
    for (var rank : world.ranks()) {
      var second = rank.epochs().get(1);
      assertThat(second.epoch()).isEqualTo(2);
      assertThat(second.steps()).isEqualTo(3);
      assertThat(second.samples()).isEqualTo(20);
      assertThat(second.loss())
          .isCloseTo((8 * losses[3] + 8 * losses[4] + 4 * losses[5]) / 20, within(1e-12));
      assertThat(second.imagesPerSecond()).isCloseTo(20 / second.wallSeconds(), within(1e-9));
      assertThat(
              second.computeSeconds()
                  + second.exposedCommunicationSeconds()
                  + second.inputSeconds())
          .isPositive()
          .isLessThanOrEqualTo(second.wallSeconds());
      assertThat(second.parameterChecksum()).isEqualTo(rank.replica().checksum());
      assertThat(second).isEqualTo(world.ranks().get(0).epochs().get(1));
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void shouldStopAtAPixelThatIsNoNumberWithParametersUntouched(float pixel) {
    var replica = replica(0.01);
    List<String> checksums = new ArrayList<>();
    var notes =
        new Notes(new ArrayList<>(), new ArrayList<>(), steps -> checksums.add(replica.checksum()));
    var loop =
        loop(replica, new Spoiled(threeSteps(), 1, pixel), 3, new TrainingPlan(2, 1, 1, 1), notes);

    assertThatThrownBy(() -> loop.run(TrainingLoop.Start.after(0)))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining(
            "numbers went bad in epoch 1, step 2 of 3: on rank 3 the input is not finite, for training sample ")
        .hasMessageContaining("; the parameters were not touched by this step")
        .hasMessageContaining("Lower train.optimizer.learning-rate");

    assertThat(checksums).containsExactly(replica.checksum());
    assertThat(notes.events()).containsExactly("step 0.0 of 3");
  }

  @Test
  void shouldStopAtAnAbsurdLearningRateBeforeAnyCheckpoint() {
    var replica = replica(1e39);
    List<String> checksums = new ArrayList<>();
    var notes =
        new Notes(new ArrayList<>(), new ArrayList<>(), steps -> checksums.add(replica.checksum()));
    var loop = loop(replica, threeSteps(), 0, new TrainingPlan(2, 1, 1, 1), notes);

    assertThatThrownBy(() -> loop.run(TrainingLoop.Start.after(0)))
        .isInstanceOf(TrainingException.class)
        .hasMessageFindingMatch("in epoch 1, step [23] of 3: on rank 0 the output of layer ");

    assertThat(checksums).last().isEqualTo(replica.checksum());
    assertThat(notes.events()).doesNotContain("checkpoint", "epoch 1");
  }

  /** The last step of an epoch can break what no loss will show before the checkpoint. */
  @Test
  void shouldStopBeforeACheckpointOfParametersThatAreNoNumbers() {
    var notes = Notes.quiet();
    var loop =
        loop(
            replica(1e42),
            SampleData.training(8, 8, 1, 0, 1),
            0,
            new TrainingPlan(2, 1, 1, 1),
            notes);

    assertThatThrownBy(() -> loop.run(TrainingLoop.Start.after(0)))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("after epoch 1 some parameters are no finite numbers, on rank 0");

    assertThat(notes.events()).containsExactly("step 0.0 of 1");
  }

  @Test
  void shouldRefuseToStartFromDifferentStates() {
    var failures =
        Ranks.inMemory(
            2,
            8_128,
            collective -> {
              var replica = replica(0.01);
              replica.graph().params().getScalar(7).addi(collective.rank() * 1e-6);
              var notes = new Notes(new ArrayList<>(), new ArrayList<>(), step -> {});
              var loop =
                  new TrainingLoop(
                      replica,
                      SampleData.training(20, 8, 1, collective.rank(), 2),
                      Optional.empty(),
                      collective,
                      new TrainingPlan(1, 1, 1, 1),
                      notes);
              var failure = catchThrowable(() -> loop.run(TrainingLoop.Start.after(0)));
              assertThat(notes.events()).isEmpty();
              return failure;
            });

    assertThat(failures)
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .isInstanceOf(TrainingException.class)
                    .hasMessageContaining("the ranks don't start from the same state")
                    .hasMessageContaining("--out"));
  }

  @Test
  void shouldStopWhenRanksHaveDriftedApart() {
    var failures =
        Ranks.inMemory(
            2,
            8_128,
            collective -> {
              var replica = replica(0.01);
              Consumer<Integer> drift =
                  steps -> replica.graph().params().getScalar(7).addi(collective.rank() * 1e-6);
              var loop =
                  new TrainingLoop(
                      replica,
                      SampleData.training(20, 8, 1, collective.rank(), 2),
                      Optional.empty(),
                      collective,
                      new TrainingPlan(1, 1, 1, 1),
                      new Notes(new ArrayList<>(), new ArrayList<>(), drift));
              return catchThrowable(() -> loop.run(TrainingLoop.Start.after(0)));
            });

    assertThat(failures)
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .isInstanceOf(TrainingException.class)
                    .hasMessageContaining("after epoch 1 the ranks hold different parameters"));
  }

  @Test
  void shouldRefuseToTrainOnNothing() {
    var failures =
        Ranks.inMemory(
            2,
            8_128,
            collective ->
                catchThrowable(
                    () ->
                        new TrainingLoop(
                            replica(0.01),
                            SampleData.training(0, 8, 1, collective.rank(), 2),
                            Optional.empty(),
                            collective,
                            new TrainingPlan(1, 1, 1, 1),
                            Notes.quiet())));

    assertThat(failures)
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .isInstanceOf(TrainingException.class)
                    .hasMessageContaining("none of the 2 ranks has a sample"));
  }

  @Test
  void shouldDrawFromOtherRandomNumbersInEveryStepAndOnEveryRank() {
    var plan = new TrainingPlan(1, 42, 1, 1);
    List<Long> seeds = new ArrayList<>();
    for (int iteration = 0; iteration < 200; iteration++) {
      for (int rank = 0; rank < 50; rank++) {
        seeds.add(plan.randomSeed(iteration, rank));
      }
    }

    assertThat(seeds).doesNotHaveDuplicates();
    assertThat(new TrainingPlan(9, 43, 1, 1).randomSeed(0, 0)).isNotIn(seeds);
    assertThat(new TrainingPlan(9, 42, 5, 5).randomSeed(7, 3)).isEqualTo(plan.randomSeed(7, 3));
  }
}
