package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.accel.PreparedBackend;
import org.murmuration.worker.collective.Algorithm;
import org.murmuration.worker.collective.CollectiveSettings;
import org.murmuration.worker.collective.Ranks;
import org.murmuration.worker.collective.codec.Wire;
import org.murmuration.worker.data.Feed;
import org.murmuration.worker.data.SampleTally;
import org.murmuration.worker.model.NetworkSpec;
import org.murmuration.worker.model.OptimizerSpec.Kind;
import org.murmuration.worker.transport.TransportSettings;

/**
 * Training that is stopped within an epoch and goes on, with as many ranks or with others. Its
 * truth is the same training that nobody stops.
 */
@ExtendWith(PreparedBackend.class)
@Timeout(60)
class InterruptedTrainingTest {
  private static final int SAMPLES = 90;
  private static final int BATCH = 16;
  private static final int STEPS = 6;
  private static final int EPOCHS = 3;
  private static final long SEED = 4;

  @TempDir private Path folder;

  /**
   * What is trained.
   *
   * @param suspects the share of suspects
   */
  private record Kit(Wire wire, AveragingPlan averaging, Feed feed, double suspects, Kind kind) {
    static Kit plain() {
      return new Kit(Wire.FP32, AveragingPlan.defaults(), new Feed.Shuffled(), 0, Kind.ADAM);
    }

    /** What is drawn or summed up in each rank for itself is not to be compared between worlds. */
    NetworkSpec network() {
      return kind == Kind.ADAM ? Nets.small(Nets.BATCH_NORM, Nets.DROPOUT) : Nets.small();
    }

    static Kit of(Kind kind) {
      return new Kit(Wire.FP32, AveragingPlan.defaults(), new Feed.Shuffled(), 0, kind);
    }
  }

  /** Wishes to stop at some step of the run. */
  private static final class Stopper implements TrainingRank.Observer {
    private final Wish last;
    private int stepsLeft;

    private Stopper(int steps, Wish last) {
      this.stepsLeft = steps;
      this.last = last;
    }

    static Stopper after(int steps, Wish wish) {
      return new Stopper(steps, wish);
    }

    @Override
    public void stepDone(int epoch, int step, int steps, double loss) {
      stepsLeft--;
    }

    @Override
    public void epochsDone(List<EpochReport> epochs) {}

    @Override
    public void happened(Incident incident) {
      throw new AssertionError(incident);
    }

    @Override
    public Wish wish() {
      return stepsLeft <= 0 ? last : Wish.GO_ON;
    }
  }

  private List<TrainingResult> train(
      Kit kit, String name, Position from, CheckpointPlan checkpoints, int ranks, Stopper stopper) {
    var plan =
        new TrainingPlan(
            EPOCHS,
            SEED,
            1,
            checkpoints,
            kit.averaging,
            0,
            0.9 * (kit.averaging.every() == 1 ? 1 : 0),
            FeedbackPlan.defaults(),
            BestPlan.defaults(),
            kit.suspects,
            NumbersPlan.defaults(),
            EPOCHS);
    var job =
        new TrainingJob(
            Nets.configuration(kit.network(), Nets.optimizer(kit.kind, 0.005, 1e-3)).toJson(),
            Nets.INIT,
            ComputationSettings.PLAIN,
            plan,
            SampleData.USE,
            folder.resolve(name).toUri().toString(),
            99,
            from,
            new TreeMap<>());
    return Ranks.inMemory(
        ranks,
        new CollectiveSettings(Algorithm.RING, kit.wire, 0.05, TransportSettings.defaults()),
        8_128,
        collective -> {
          var rank = collective.rank();
          var observer = rank == ranks - 1 ? stopper : Stopper.after(Integer.MAX_VALUE, Wish.GO_ON);
          try (var batches = SampleData.training(SAMPLES, BATCH, SEED, rank, ranks, kit.feed)) {
            return new TrainingRank(job, collective, new Configuration(false))
                .run(batches, Optional.empty(), observer);
          }
        });
  }

  private List<TrainingResult> undisturbed(Kit kit, int ranks) {
    return train(
        kit,
        "undisturbed " + ranks,
        Position.START,
        CheckpointPlan.everyEpochs(EPOCHS),
        ranks,
        Stopper.after(Integer.MAX_VALUE, Wish.GO_ON));
  }

  private static final CheckpointPlan EVERY_STEP = new CheckpointPlan(1, 1, Duration.ZERO);

  /** From the middle of the second epoch, whatever ranks keep. */
  @ParameterizedTest
  @CsvSource({
    "FP32, 1, SHUFFLED, 0",
    "BF16, 1, SHUFFLED, 0",
    "THRESHOLD, 1, SHUFFLED, 0",
    "FP32, 4, SHUFFLED, 0",
    "FP32, 1, IMPORTANCE, 0",
    "FP32, 1, SHUFFLED, 0.2",
    "FP16, 1, IMPORTANCE, 0.2"
  })
  void shouldTakeTheSameCourseFromTheMiddleOfAnEpoch(
      Wire wire, int every, String feed, double suspects) {
    var kit =
        new Kit(
            wire,
            new AveragingPlan(4096, every, 0.9, every > 1 ? 0.5 : 0),
            feed.equals("SHUFFLED") ? new Feed.Shuffled() : new Feed.Importance(0.3),
            suspects,
            Kind.ADAM);
    var whole = undisturbed(kit, 2);
    var never = Stopper.after(Integer.MAX_VALUE, Wish.GO_ON);
    train(kit, "parts", Position.START, EVERY_STEP, 2, Stopper.after(9, Wish.STOP));
    // Not only where it stopped: any checkpoint will do. Ranks that step apart meet every 4 steps.
    for (var from : List.of(new Position(1, 0), new Position(1, every == 1 ? 3 : 4))) {
      var resumed = train(kit, "parts", from, EVERY_STEP, 2, never);

      assertThat(resumed)
          .extracting(TrainingResult::parameterChecksum)
          .containsOnly(whole.get(0).parameterChecksum());
      assertThat(resumed.get(1).epochs().get(2).loss())
          .isEqualTo(whole.get(1).epochs().get(2).loss());
      assertThat(resumed.get(1).epochs().get(1).loss())
          .isEqualTo(whole.get(1).epochs().get(1).loss());
      assertThat(resumed.get(0).suspects())
          .containsExactlyInAnyOrderElementsOf(whole.get(0).suspects());
    }
  }

  @Test
  void shouldStopWithACheckpointWhereARankWishesIt() {
    var kit = Kit.plain();
    var stopped =
        train(
            kit,
            "parts",
            Position.START,
            CheckpointPlan.everyEpochs(9),
            2,
            Stopper.after(8, Wish.STOP));
    var end = stopped.get(0).end();

    assertThat(stopped).extracting(TrainingResult::end).containsOnly(end);
    // The roll call is held when all ranks know it: here at most twice as many steps later.
    assertThat(end.epoch() * STEPS + end.step()).isBetween(8, 16);
    assertThat(folder.resolve("parts/model.zip")).doesNotExist();
    var resumed =
        train(kit, "parts", end, EVERY_STEP, 2, Stopper.after(Integer.MAX_VALUE, Wish.GO_ON));
    assertThat(resumed.get(1).parameterChecksum())
        .isEqualTo(undisturbed(kit, 2).get(0).parameterChecksum());
    assertThat(folder.resolve("parts/model.zip")).exists();
  }

  @Test
  void shouldEndWithTheEpochWhereARankWishesThat() {
    var stopped =
        train(
            Kit.plain(),
            "parts",
            Position.START,
            CheckpointPlan.everyEpochs(9),
            3,
            Stopper.after(1, Wish.STOP_AFTER_EPOCH));

    assertThat(stopped).extracting(TrainingResult::end).containsOnly(Position.after(1));
    assertThat(folder.resolve("parts/checkpoints/epoch-000001.ckpt")).exists();
  }

  /** With other ranks: the same batches, each sample once, and no more than rounding between. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 7})
  void shouldGoOnWithOtherRanksInTheMiddleOfAnEpoch(int ranks) throws IOException {
    // The first steps of Adam make much of rounding; see the comparison of world sizes.
    var kit = Kit.of(Kind.MOMENTUM);
    var never = Stopper.after(Integer.MAX_VALUE, Wish.GO_ON);
    train(kit, "parts", Position.START, EVERY_STEP, 2, Stopper.after(9, Wish.STOP));

    var resumed = train(kit, "parts", new Position(1, 2), EVERY_STEP, ranks, never);

    var expected = SampleTally.of(LongStream.range(0, SAMPLES).boxed().toList());
    for (var epoch : resumed.get(0).epochs()) {
      assertThat(epoch.coverage().everySampleOnce()).isTrue();
      assertThat(epoch.coverage().samples()).isEqualTo(SAMPLES);
      assertThat(epoch.coverage().hash()).isEqualTo(Long.toHexString(expected.hash()));
      assertThat(epoch.steps()).isEqualTo(STEPS);
    }
    assertThat(resumed)
        .extracting(TrainingResult::parameterChecksum)
        .containsOnly(resumed.get(0).parameterChecksum());
  }

  /** What each rank has kept is shared out: nothing is lost, nothing is counted twice. */
  @ParameterizedTest
  @CsvSource({"THRESHOLD, 1, 1", "THRESHOLD, 1, 5", "FP32, 3, 1", "FP32, 3, 4"})
  void shouldGoOnWithOtherRanksThatTakeOverWhatRanksKept(Wire wire, int every, int ranks) {
    var kit =
        new Kit(
            wire,
            new AveragingPlan(4096, every, 0.9, every > 1 ? 0.5 : 0),
            new Feed.Importance(0.3),
            0.2,
            Kind.MOMENTUM);
    var never = Stopper.after(Integer.MAX_VALUE, Wish.GO_ON);
    train(kit, "parts", Position.START, EVERY_STEP, 2, Stopper.after(9, Wish.STOP));

    var resumed = train(kit, "parts", new Position(1, 3), EVERY_STEP, ranks, never);

    assertThat(resumed)
        .extracting(TrainingResult::parameterChecksum)
        .containsOnly(resumed.get(0).parameterChecksum());
    var named = resumed.stream().flatMap(rank -> rank.suspects().stream()).toList();
    assertThat(named).extracting(Suspect::number).doesNotHaveDuplicates();
    assertThat(named).hasSizeGreaterThanOrEqualTo((int) (0.2 * SAMPLES));
  }
}
