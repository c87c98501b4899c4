package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.accel.PreparedBackend;
import org.murmuration.worker.collective.Ranks;
import org.murmuration.worker.model.OptimizerSpec.Kind;
import org.murmuration.worker.transport.TransportSettings;

/** P ranks train as one does; plain DL4J on the same global batches is the truth. */
@ExtendWith(PreparedBackend.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class DataParallelTest {
  private static final double LIMIT = 1e-4;
  private static final double LOSS_LIMIT = 1e-5;

  /**
   * Where two values are all but equal, rounding decides which of them max-pooling or a ReLU lets
   * through, and so the gradient of one image. Processors round differently: of what 50 steps
   * change, double precision differs from DL4J by 8e-5 and from this by 3.5e-4 on an AMD EPYC (Zen
   * 5), both by less than 1e-4 on Intel Xeons. One image of the 6,250 is 1.6e-4; this allows six.
   */
  private static final double SIX_IMAGES = 1e-3;

  private static final int GLOBAL_BATCH = 128;
  private static final int SAMPLES = 1_250;
  private static final TrainingPlan FIVE_EPOCHS = new TrainingPlan(5, 3, 1, 1);

  /** Losses and parameters of plain DL4J. */
  private static final class Course {
    private final double[] losses;
    private final double[] parameters;

    Course(double[] losses, double[] parameters) {
      this.losses = losses;
      this.parameters = parameters;
    }
  }

  private final ComputationGraphConfiguration cifarNet =
      Nets.configuration(Nets.cifarNet(), Nets.momentum(0.001));
  private Course plain;

  @BeforeAll
  void trainPlainDl4j() {
    plain = plainDl4j(cifarNet, FIVE_EPOCHS, SAMPLES, GLOBAL_BATCH);
  }

  private static Course plainDl4j(
      ComputationGraphConfiguration configuration, TrainingPlan plan, int samples, int batch) {
    var graph = Nets.graph(configuration);
    List<Double> losses = new ArrayList<>();
    try (var batches = SampleData.training(samples, batch, plan.seed(), 0, 1)) {
      for (int epoch = 0; epoch < plan.epochs(); epoch++) {
        for (int step = 0; step < batches.steps(); step++) {
          graph.fit(batches.batch(epoch, step));
          losses.add(graph.score());
        }
      }
    }
    return new Course(
        losses.stream().mapToDouble(Double::doubleValue).toArray(),
        Vectors.doubles(graph.params()));
  }

  /** 50 steps; each tenth has 98 samples instead of 128. Three ranks have 43, 43 and 42 of 128. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void shouldTrainTheReferenceNetworkAsPlainDl4jDoes(int worldSize) {
    var world = trainCifarNet(worldSize);

    assertThat(world.steps()).isEqualTo(50).isEqualTo(plain.losses.length);
    Vectors.assertClose(world.losses(), plain.losses, LOSS_LIMIT, "losses");
    assertThat(world.checksums()).hasSize(worldSize).containsOnly(world.checksums().get(0));
    Vectors.assertClose(world.parameters(), plain.parameters, LIMIT, "parameters");
    var start = Vectors.doubles(Nets.graph(cifarNet).params());
    Vectors.assertClose(
        Vectors.minus(world.parameters(), start),
        Vectors.minus(plain.parameters, start),
        SIX_IMAGES,
        "what 50 steps changed");
  }

  @Test
  void shouldTakeTheCourseOfPlainDl4jOnOneRank() {
    var world = trainCifarNet(1);

    Vectors.assertClose(world.losses(), plain.losses, LOSS_LIMIT, "losses");
    Vectors.assertClose(world.parameters(), plain.parameters, LIMIT, "parameters");
  }

  /** Adam corrects its moments by the number of steps since the start of the job. */
  @Test
  void shouldCountStepsThroughAllEpochsAsDl4jDoes() {
    var adam = Nets.configuration(Nets.small(), Nets.optimizer(Kind.ADAM, 0.01, 0));
    var plan = new TrainingPlan(3, 2, 1, 1);

    var world =
        World.train(
            1, adam, plan, (rank, size) -> SampleData.training(40, 16, plan.seed(), rank, size));

    var expected = plainDl4j(adam, plan, 40, 16);
    assertThat(world.losses()).hasSize(9);
    Vectors.assertClose(world.losses(), expected.losses, LOSS_LIMIT, "losses");
    Vectors.assertClose(world.parameters(), expected.parameters, LIMIT, "parameters");
  }

  private World trainCifarNet(int worldSize) {
    return World.train(
        worldSize,
        cifarNet,
        FIVE_EPOCHS,
        (rank, size) -> SampleData.training(SAMPLES, GLOBAL_BATCH, FIVE_EPOCHS.seed(), rank, size));
  }

  /** Five ranks and three samples: one step, in which two ranks have none. */
  @ParameterizedTest
  @CsvSource({"5, 1", "8, 1"})
  void shouldTrainWithFewerSamplesThanRanks(int globalBatch, int stepsPerEpoch) {
    var configuration =
        Nets.configuration(Nets.small(), Nets.optimizer(Kind.NESTEROV, 0.01, 0.001));
    var plan = new TrainingPlan(4, 5, 1, 1);

    var world =
        World.train(
            5,
            configuration,
            plan,
            (rank, size) -> SampleData.training(3, globalBatch, plan.seed(), rank, size));
    var course = plainDl4j(configuration, plan, 3, globalBatch);

    assertThat(world.ranks())
        .allSatisfy(rank -> assertThat(rank.counts()).hasSize(4 * stepsPerEpoch));
    assertThat(world.ranks().get(4).counts()).containsOnly(0);
    Vectors.assertClose(world.losses(), course.losses, LIMIT, "losses");
    assertThat(world.checksums()).containsOnly(world.checksums().get(0));
    Vectors.assertClose(
        world.parameters(), course.parameters, LIMIT, "5 ranks, batch " + globalBatch);
    assertThat(world.ranks().get(4).epochs())
        .extracting(EpochReport::samples)
        .containsExactly(3L, 3L, 3L, 3L);
  }

  @Test
  void shouldGiveTheSameBitsForTheSameSeed() {
    var dropout =
        Nets.configuration(
            Nets.small(Nets.BATCH_NORM, Nets.DROPOUT), Nets.optimizer(Kind.ADAM, 0.01, 0));

    var first = trainTwoEpochs(dropout, 1);
    var again = trainTwoEpochs(dropout, 1);
    var other = trainTwoEpochs(dropout, 2);

    assertThat(first.checksums()).containsOnly(first.checksums().get(0));
    assertThat(again.checksums()).isEqualTo(first.checksums());
    assertThat(again.losses()).containsExactly(first.losses());
    assertThat(other.checksums()).doesNotContainAnyElementsOf(first.checksums());
  }

  /** The same order of samples, so that nothing but the masks of dropout differs. */
  @Test
  void shouldDrawMasksOfDropoutFromTheSeed() {
    var dropout = Nets.configuration(Nets.small(Nets.DROPOUT), Nets.momentum(0.02));

    var seeds =
        List.of(1L, 1L, 2L).stream()
            .map(
                seed ->
                    World.train(
                            2,
                            dropout,
                            new TrainingPlan(1, seed, 1, 1),
                            (rank, size) -> SampleData.training(64, 32, 9, rank, size))
                        .checksums()
                        .get(0))
            .toList();

    assertThat(seeds.get(1)).isEqualTo(seeds.get(0));
    assertThat(seeds.get(2)).isNotEqualTo(seeds.get(0));
  }

  @Test
  void shouldTakeTheSameCourseOverAeronAsInMemory() {
    var configuration = Nets.configuration(Nets.small(Nets.BATCH_NORM), Nets.momentum(0.02));
    var plan = new TrainingPlan(2, 1, 1, 1);
    World.Shares shares = (rank, size) -> SampleData.training(150, 64, plan.seed(), rank, size);

    var overAeron =
        new World(
            Ranks.overAeron(
                2,
                TransportSettings.defaults(),
                collective -> World.trainRank(collective, configuration, plan, shares)));

    assertThat(overAeron.checksums())
        .isEqualTo(World.train(2, configuration, plan, shares).checksums());
  }

  private static World trainTwoEpochs(ComputationGraphConfiguration configuration, long seed) {
    return World.train(
        3,
        configuration,
        new TrainingPlan(2, seed, 1, 1),
        (rank, size) -> SampleData.training(200, 64, seed, rank, size));
  }
}
