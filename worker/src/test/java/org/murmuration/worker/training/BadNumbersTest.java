package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.accel.PreparedBackend;
import org.murmuration.worker.collective.Algorithm;
import org.murmuration.worker.collective.CollectiveSettings;
import org.murmuration.worker.collective.Ranks;
import org.murmuration.worker.collective.codec.Wire;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.data.SampleNumbers;
import org.murmuration.worker.training.NumbersPlan.OnNan;
import org.murmuration.worker.transport.TransportSettings;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** What becomes of steps whose numbers are not finite. */
@ExtendWith(PreparedBackend.class)
@Timeout(60)
class BadNumbersTest {
  private static final int RANKS = 2;
  private static final int STEPS = 3;
  private static final long SEED = 4;

  @TempDir private Path folder;

  /** Spoils a pixel of one image of one step of the first epoch, on rank 1. */
  private static final class Spoiled extends ForwardingBatches {
    private final int spoiledStep;
    private final List<Long> spoiled;

    Spoiled(BatchSource source, int spoiledStep, List<Long> spoiled) {
      super(source);
      this.spoiledStep = spoiledStep;
      this.spoiled = spoiled;
    }

    @Override
    public MultiDataSet batch(int epoch, int step) {
      var batch = super.batch(epoch, step);
      if (epoch == 0 && step == spoiledStep) {
        var features = batch.getFeatures(0).castTo(DataType.FLOAT);
        features.putScalar(new long[] {4, 1, 7, 7}, Float.NaN);
        batch.setFeatures(0, features);
        spoiled.add(SampleNumbers.of(batch).get(4));
      }
      return batch;
    }
  }

  private static TrainingPlan plan(int epochs, NumbersPlan numbers, CheckpointPlan checkpoints) {
    return new TrainingPlan(
        epochs,
        SEED,
        1,
        checkpoints,
        AveragingPlan.defaults(),
        0,
        0,
        FeedbackPlan.defaults(),
        BestPlan.defaults(),
        0,
        numbers,
        epochs);
  }

  private interface Change {
    BatchSource of(BatchSource source, int rank);
  }

  private List<TrainingResult> train(String name, int epochs, NumbersPlan numbers, Change change) {
    return train(name, epochs, numbers, CheckpointPlan.everyEpochs(1), Wire.FP32, change);
  }

  private List<TrainingResult> train(
      String name,
      int epochs,
      NumbersPlan numbers,
      CheckpointPlan checkpoints,
      Wire wire,
      Change change) {
    var job =
        new TrainingJob(
            Nets.configuration(Nets.small(Nets.DROPOUT), Nets.momentum(0.01)).toJson(),
            Nets.INIT,
            ComputationSettings.PLAIN,
            plan(epochs, numbers, checkpoints),
            SampleData.USE,
            folder.resolve(name).toUri().toString(),
            9,
            Position.START,
            new TreeMap<>());
    return Ranks.inMemory(
        RANKS,
        new CollectiveSettings(Algorithm.RING, wire, 0.05, TransportSettings.defaults()),
        8_128,
        collective -> {
          var rank = collective.rank();
          try (var batches = change.of(SampleData.training(90, 32, SEED, rank, RANKS), rank)) {
            return new TrainingRank(job, collective, new Configuration(false))
                .run(batches, Optional.empty(), TrainingRankTest.NOBODY);
          }
        });
  }

  private static Change spoil(int step, List<Long> spoiled) {
    return (source, rank) -> rank == 1 ? new Spoiled(source, step, spoiled) : source;
  }

  /** All ranks say the same, wherever it was. */
  @ParameterizedTest
  @EnumSource(Wire.class)
  void shouldNameStepRankPlaceAndSample(Wire wire) {
    List<Long> spoiled = new ArrayList<>();

    assertThatThrownBy(
            () ->
                train(
                    "run",
                    1,
                    NumbersPlan.defaults(),
                    CheckpointPlan.everyEpochs(1),
                    wire,
                    spoil(1, spoiled)))
        .hasMessageContaining(
            "numbers went bad in epoch 1, step 2 of 3: on rank 1 the input is not finite, for training sample "
                + spoiled.get(0)
                + ";")
        .hasMessageContaining("train.on-nan = skip or rollback");
  }

  /** A step that is left out trains as one that has no images: to the same bits. */
  @Test
  void shouldLeaveOutTheStepAndNothingElse() {
    List<Long> spoiled = new ArrayList<>();
    var skipped = train("skipped", 1, new NumbersPlan(OnNan.SKIP, 1, 0), spoil(STEPS - 1, spoiled));
    var shorter =
        train("shorter", 1, NumbersPlan.defaults(), (source, rank) -> new Shorter(source));

    assertThat(skipped.get(0).parameterChecksum()).isEqualTo(shorter.get(1).parameterChecksum());
    var incident = skipped.get(0).incidents().get(0);
    assertThat(incident.kind()).isEqualTo(Incident.Kind.LEFT_OUT);
    assertThat(incident.step()).isEqualTo(STEPS);
    assertThat(incident.what()).contains("on rank 1 the input", "sample " + spoiled.get(0));
    var coverage = skipped.get(0).epochs().get(0).coverage();
    assertThat(coverage.everySampleOnce()).isFalse();
    assertThat(coverage.samples()).isEqualTo(64);
    assertThat(coverage.expectedSamples()).isEqualTo(90);
  }

  /** All but the last step. */
  private static final class Shorter extends ForwardingBatches {
    Shorter(BatchSource source) {
      super(source);
    }

    @Override
    public int steps() {
      return super.steps() - 1;
    }
  }

  @Test
  void shouldUndoTheStepsSinceTheCheckpointWhenItGoesBack() {
    List<Long> spoiled = new ArrayList<>();
    var rolledBack =
        train(
            "rolled back",
            1,
            new NumbersPlan(OnNan.ROLLBACK, 1, 0),
            new CheckpointPlan(1, 1, Duration.ZERO),
            Wire.BF16,
            spoil(STEPS - 1, spoiled));
    var shorter =
        train(
            "shorter",
            1,
            NumbersPlan.defaults(),
            CheckpointPlan.everyEpochs(1),
            Wire.BF16,
            (source, rank) -> new Shorter(source));

    // Steps 1 and 2 were saved.
    assertThat(rolledBack.get(1).parameterChecksum()).isEqualTo(shorter.get(0).parameterChecksum());
    assertThat(rolledBack.get(0).incidents())
        .extracting(Incident::kind)
        .containsExactly(Incident.Kind.ROLLED_BACK);
  }

  @Test
  void shouldSayWhenThereIsNothingToGoBackTo() {
    assertThatThrownBy(
            () ->
                train("run", 1, new NumbersPlan(OnNan.ROLLBACK, 1, 0), spoil(1, new ArrayList<>())))
        .hasMessageContaining("there is no checkpoint to go back to yet");
  }

  @ParameterizedTest
  @CsvSource({"0, 2", "1, 3"})
  void shouldStopAfterTheStepsThatMayBeLeftOut(int most, int lastStep) {
    var spoiled = new ArrayList<Long>();
    assertThatThrownBy(
            () ->
                train(
                    "run",
                    1,
                    new NumbersPlan(OnNan.SKIP, most, 0),
                    (source, rank) -> new Spoiled(new Spoiled(source, 1, spoiled), 2, spoiled)))
        .hasMessageContaining("in epoch 1, step %d of 3".formatted(lastStep))
        .hasMessageContaining("train.max-left-out is " + most);
  }

  /** Where the input is good, it is a layer. */
  @Test
  void shouldNameTheLayerWhoseOutputOverflows() {
    var replica = new Replica(Nets.graph(Nets.configuration(Nets.small(), Nets.momentum(0.01))));
    var layer = replica.graph().getLayer(1).conf().getLayer().getLayerName();
    replica.graph().getLayer(1).params().assign(Float.MAX_VALUE);
    var loop =
        new TrainingLoop(
            replica,
            SampleData.training(20, 8, 1, 0, 1),
            Optional.empty(),
            new LoneRank(0),
            new TrainingPlan(1, 1, 1, 1),
            Notes.quiet());

    assertThatThrownBy(() -> loop.run(TrainingLoop.Start.after(0)))
        .hasMessageContaining("on rank 0 the output of layer ")
        .hasMessageContaining(layer);
  }

  @Test
  void shouldTellOfALossFarAboveThoseBefore() {
    var spikes = new LossSpikes(5);
    for (int i = 0; i < 300; i++) {
      assertThat(spikes.next(2 + 0.1 * Math.sin(i) - 0.001 * i)).as("loss %d", i).isEmpty();
    }
    assertThat(spikes.next(2.5)).isPresent();
    assertThat(spikes.next(1.7)).isEmpty();
    assertThat(spikes.next(3).orElseThrow()).isBetween(1.6, 1.8);
  }
}
