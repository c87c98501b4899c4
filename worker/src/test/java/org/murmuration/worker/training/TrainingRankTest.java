package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.accel.PreparedBackend;
import org.murmuration.worker.collective.Algorithm;
import org.murmuration.worker.collective.CollectiveSettings;
import org.murmuration.worker.collective.Ranks;
import org.murmuration.worker.collective.codec.Wire;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.model.OptimizerSpec.Kind;
import org.murmuration.worker.transport.TransportSettings;

@ExtendWith(PreparedBackend.class)
@Timeout(60)
class TrainingRankTest {
  private static final int RANKS = 2;
  private static final long SEED = 4;
  private static final String NETWORK =
      Nets.configuration(
              Nets.small(Nets.BATCH_NORM, Nets.DROPOUT), Nets.optimizer(Kind.ADAM, 0.005, 1e-3))
          .toJson();
  static final TrainingRank.Observer NOBODY =
      new TrainingRank.Observer() {
        @Override
        public void stepDone(int epoch, int step, int steps, double loss) {}

        @Override
        public void epochsDone(List<EpochReport> epochs) {}

        @Override
        public void happened(Incident incident) {}

        @Override
        public Wish wish() {
          return Wish.GO_ON;
        }
      };

  private static TrainingJob job(Path folder, int epochs, int firstEpoch, String identity) {
    return job(folder, epochs, firstEpoch, identity, AveragingPlan.defaults());
  }

  private static TrainingJob job(
      Path folder, int epochs, int firstEpoch, String identity, AveragingPlan averaging) {
    return new TrainingJob(
        NETWORK,
        Nets.INIT,
        ComputationSettings.PLAIN,
        new TrainingPlan(epochs, SEED, 2, 1, averaging),
        SampleData.USE,
        folder.toUri().toString(),
        3,
        Position.after(firstEpoch),
        new TreeMap<>(Map.of("seed", identity)));
  }

  private static List<TrainingResult> train(TrainingJob job) {
    return train(job, Wire.FP32);
  }

  private static List<TrainingResult> train(TrainingJob job, Wire wire) {
    return Ranks.inMemory(
        RANKS,
        new CollectiveSettings(Algorithm.RING, wire, 0.05, TransportSettings.defaults()),
        8_128,
        collective -> {
          var rank = collective.rank();
          try (var batches = SampleData.training(90, 32, SEED, rank, RANKS);
              var test = SampleData.test(40, 16, rank, RANKS)) {
            return new TrainingRank(job, collective, new Configuration(false))
                .run(batches, Optional.of(test), NOBODY);
          }
        });
  }

  @Test
  void shouldTakeTheSameCourseWhenInterruptedAndResumed(@TempDir Path folder) {
    var whole = train(job(folder.resolve("whole"), 4, 0, "4"));
    var half = train(job(folder.resolve("parts"), 2, 0, "4"));
    var resumed = train(job(folder.resolve("parts"), 4, 2, "4"));

    for (var result : resumed) {
      assertThat(result.parameterChecksum()).isEqualTo(whole.get(0).parameterChecksum());
      assertThat(result.epochs()).extracting(EpochReport::epoch).containsExactly(1, 2, 3, 4);
      assertThat(course(result)).isEqualTo(course(whole.get(0)));
      assertThat(result.epochs().subList(0, 2)).isEqualTo(half.get(0).epochs());
      assertThat(result.lastTest().orElseThrow().rows())
          .isEqualTo(whole.get(0).lastTest().orElseThrow().rows());
    }
    assertThat(half.get(0).parameterChecksum()).isNotEqualTo(whole.get(0).parameterChecksum());
    assertThat(whole).extracting(TrainingResult::samples).containsExactly(45L, 45L);
  }

  /** What a rank's sums lost on the wire, and its own optimizer's state, go on with it. */
  @ParameterizedTest
  @CsvSource({"BF16, 1", "FP16, 1", "THRESHOLD, 1", "FP32, 2", "BF16, 3"})
  void shouldTakeTheSameCourseWithWhatEachRankKeeps(Wire wire, int every, @TempDir Path folder) {
    var averaging = new AveragingPlan(4096, every, 0.9, every > 1 ? 0.5 : 0);
    var whole = train(job(folder.resolve("whole"), 4, 0, "4", averaging), wire);
    train(job(folder.resolve("parts"), 2, 0, "4", averaging), wire);
    var resumed = train(job(folder.resolve("parts"), 4, 2, "4", averaging), wire);

    assertThat(resumed.get(1).parameterChecksum()).isEqualTo(whole.get(1).parameterChecksum());
  }

  /** All but the times. */
  private static List<List<Object>> course(TrainingResult result) {
    return result.epochs().stream()
        .map(
            epoch ->
                List.<Object>of(
                    epoch.epoch(),
                    epoch.steps(),
                    epoch.samples(),
                    epoch.loss(),
                    epoch.testLoss(),
                    epoch.testAccuracy(),
                    epoch.parameterChecksum()))
        .toList();
  }

  @Test
  void shouldNameACheckpointThatItCannotGoOnFrom(@TempDir Path folder) throws IOException {
    train(job(folder, 2, 0, "4"));
    var newest = folder.resolve("checkpoints/epoch-000002.ckpt");
    var bytes = Files.readAllBytes(newest);
    bytes[bytes.length / 2] ^= 1;
    Files.write(newest, bytes);

    for (int done : new int[] {2, 3}) {
      assertThatThrownBy(() -> train(job(folder, 4, done, "4")))
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("epoch-00000%d.ckpt".formatted(done))
          .hasMessageContaining("Put --out on a file system that they share");
    }
  }

  /** A job may be run as several, each of which goes on where the one before ends. */
  @Test
  void shouldTakeTheSameCourseInSeveralRuns(@TempDir Path folder) {
    var whole = train(job(folder.resolve("whole"), 5, 0, "4"));
    var parts = folder.resolve("parts");
    List<TrainingResult> last = List.of();
    for (int done : new int[] {0, 2, 4}) {
      assertThat(parts.resolve("model.zip")).doesNotExist();
      last = train(job(parts, 5, 0, "4").part(Position.after(done), Math.min(5, done + 2)));
    }

    assertThat(parts.resolve("model.zip")).exists();
    assertThat(course(last.get(1))).isEqualTo(course(whole.get(1)));
  }

  /** What is saved says how to use it, and DL4J reads it all the same. */
  @Test
  void shouldSaveHowTheModelIsUsed(@TempDir Path folder) throws IOException {
    train(job(folder, 1, 0, "4"));
    var file = new org.apache.hadoop.fs.Path(folder.resolve("model.zip").toUri());

    var saved = ModelFile.read(file, new Configuration(false));

    assertThat(saved.use()).isEqualTo(SampleData.USE);
    assertThat(saved.graph().params())
        .isEqualTo(
            ModelSerializer.restoreComputationGraph(folder.resolve("model.zip").toFile()).params());
    var plain = folder.resolve("plain.zip");
    ModelSerializer.writeModel(saved.graph(), plain.toFile(), false);
    assertThatThrownBy(
            () ->
                ModelFile.read(
                    new org.apache.hadoop.fs.Path(plain.toUri()), new Configuration(false)))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("plain.zip has no murmuration.json");
  }

  @Test
  void shouldSaveWhereARunEnds(@TempDir Path folder) {
    var rare =
        new TrainingJob(
            NETWORK,
            Nets.INIT,
            ComputationSettings.PLAIN,
            new TrainingPlan(9, SEED, 9, 9),
            SampleData.USE,
            folder.toUri().toString(),
            3,
            Position.START,
            new TreeMap<>());

    var result = train(rare.part(Position.START, 1)).get(0);

    assertThat(folder.resolve("checkpoints/epoch-000001.ckpt")).exists();
    assertThat(result.lastTest()).isEmpty();
  }

  @Test
  void shouldRefuseToResumeAnotherJob(@TempDir Path folder) {
    train(job(folder, 1, 0, "4"));

    assertThatThrownBy(() -> train(job(folder, 2, 1, "5")))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("seed was 4, is 5");
  }

  @Test
  void shouldTellOfAllEpochsSoFar(@TempDir Path folder) {
    train(job(folder, 1, 0, "4"));
    var told =
        Ranks.inMemory(
            1,
            8_128,
            collective -> {
              List<Integer> counts = new ArrayList<>();
              try (var batches = SampleData.training(90, 32, SEED, 0, 1)) {
                new TrainingRank(job(folder, 3, 1, "4"), collective, new Configuration(false))
                    .run(
                        batches,
                        Optional.empty(),
                        new TrainingRank.Observer() {
                          @Override
                          public void stepDone(int epoch, int step, int steps, double loss) {}

                          @Override
                          public void epochsDone(List<EpochReport> epochs) {
                            counts.add(epochs.size());
                          }

                          @Override
                          public void happened(Incident incident) {}

                          @Override
                          public Wish wish() {
                            return Wish.GO_ON;
                          }
                        });
              }
              return counts;
            });

    assertThat(told.get(0)).containsExactly(2, 3);
  }

  /**
   * Preprocessing is in the model: it takes raw pixels. DL4J rounds differently without helpers.
   */
  @Test
  void shouldSaveAModelThatDl4jReadsBackWithTheSameOutputs(@TempDir Path folder)
      throws IOException {
    train(job(folder, 2, 0, "4"));
    var checkpoint =
        Checkpoint.read(
            new ByteArrayInputStream(
                Files.readAllBytes(folder.resolve("checkpoints/epoch-000002.ckpt"))),
            Inheritance.ofNobody());
    var trained = Replica.fromJson(NETWORK, ComputationSettings.PLAIN);
    trained.restore(checkpoint.state());

    var file = new File(folder.toFile(), TrainingJob.MODEL_FILE);
    var restored = ModelSerializer.restoreComputationGraph(file, true);

    try (var test = SampleData.test(50, 50, 0, 1)) {
      var pixels = test.batch(0, 0).getFeatures(0);
      assertThat(pixels.maxNumber().floatValue()).isEqualTo(255);
      var expected = trained.graph().outputSingle(pixels).ravel().toFloatVector();
      assertThat(expected).doesNotHaveDuplicates();
      assertThat(restored.outputSingle(pixels).ravel().toFloatVector())
          .containsExactly(expected, within(1e-6f));
    }
    assertThat(new Replica(restored).state()).isEqualTo(trained.state());
    assertThat(checkpoint.state().epoch()).isEqualTo(2);
    assertThat(checkpoint.state().iteration()).isEqualTo(6);
  }
}
