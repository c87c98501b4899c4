package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.murmuration.worker.accel.LearnedNets.CLASSES;
import static org.murmuration.worker.accel.LearnedNets.NORMALIZE;
import static org.murmuration.worker.accel.LearnedNets.SIDE;
import static org.murmuration.worker.accel.LearnedNets.batch;
import static org.murmuration.worker.accel.LearnedNets.graph;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.LearnedLayers;
import org.murmuration.worker.model.OptimizerSpec;
import org.murmuration.worker.training.Replica;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Preprocessing that learns with the network: how it starts, and its exact gradients. */
@ExtendWith(PreparedBackend.class)
class LearnedLayersTest {
  private static final double STEP = 1e-3;
  private static final int KNOTS = 5;
  private static final LayerSpec CURVE =
      new LayerSpec.ToneCurve(KNOTS, -2, 2, new LayerSpec.Learning(1, 0.2));

  @Test
  void shouldChangeNothingAtFirst() {
    var plain = graph(NORMALIZE);
    var learned =
        graph(
            NORMALIZE,
            new LayerSpec.ChannelAffine(LayerSpec.Learning.at(1)),
            new LayerSpec.ColorTransform(LayerSpec.Learning.at(1)),
            CURVE);
    var pixels = batch().getFeatures(0);

    try (var one = new Replica(plain);
        var other = new Replica(learned)) {
      assertThat(ParallelComputationTest.error(other.output(pixels)[0], one.output(pixels)[0]))
          .isLessThan(1e-6);
      assertThat(other.info().dl4jLayers()).isEmpty();
    }
  }

  /**
   * What is compiled is what DL4J runs, which computes what comes after in double precision. That
   * kernels are right is shown beside them.
   */
  @ParameterizedTest
  @MethodSource("preprocessing")
  void shouldHaveExactGradients(LayerSpec layer) {
    var graph = graph(NORMALIZE, layer);
    Nd4j.getRandom().setSeed(5);
    graph.params().addi(Nd4j.rand(graph.params().shape()).subi(0.5).muli(0.1));
    var truth = DoubleTruth.of(graph);

    truth.assertSame(batch(), 1e-5);
  }

  /** By central differences through the whole network, as far as single precision goes. */
  @ParameterizedTest
  @MethodSource("colors")
  void shouldGoDownWhereTheGradientPoints(LayerSpec layer) {
    var graph = graph(NORMALIZE, layer);
    Nd4j.getRandom().setSeed(5);
    graph.params().addi(Nd4j.rand(graph.params().shape()).subi(0.5).muli(0.1));
    graph.initGradientsView();
    long learned = graph.getLayer(1).numParams();
    var batch = batch();
    try (var computation = new CompiledComputation(graph, Precision.FP32)) {
      computation.computeGradient(batch, GradientListener.NONE);
      var gradient = graph.getFlattenedGradients().dup();
      for (long i = 0; i < learned; i++) {
        var value = graph.params().getDouble(i);
        graph.params().putScalar(i, value + STEP);
        var above = computation.computeGradient(batch, GradientListener.NONE);
        graph.params().putScalar(i, value - STEP);
        var below = computation.computeGradient(batch, GradientListener.NONE);
        graph.params().putScalar(i, value);
        assertThat((above - below) / (2 * STEP))
            .as("parameter %d", i)
            .isCloseTo(gradient.getDouble(i), within(5e-3));
      }
    }
  }

  /** As it travels to executors and into saved models. */
  @ParameterizedTest
  @MethodSource("preprocessing")
  void shouldBeReadBackAsItWasWritten(LayerSpec layer) {
    var written = graph(NORMALIZE, layer, LearnedNets.augment(0.1)).getConfiguration();

    var read = ComputationGraphConfiguration.fromJson(written.toJson());

    assertThat(read).isEqualTo(written);
    assertThat(read.toJson()).isEqualTo(written.toJson());
  }

  static Stream<LayerSpec> preprocessing() {
    return Stream.concat(
        colors(),
        Stream.of(
            new LayerSpec.Resize(5, 11),
            new LayerSpec.LearnedResize(6, 6, 4, 1, 1),
            new LayerSpec.GaborWaves(
                new LayerSpec.Conv(5, 4, 2, 0, true, true, LayerSpec.ActivationKind.TANH),
                LayerSpec.Learning.at(1))));
  }

  static Stream<LayerSpec> colors() {
    var learning = LayerSpec.Learning.at(1);
    var start = List.of(List.of(0.8, 0.1));
    return Stream.of(
        new LayerSpec.ChannelAffine(learning),
        new LayerSpec.ColorTransform(learning),
        new LayerSpec.ToneCurve(KNOTS, -2, 2, learning),
        new LayerSpec.Whiten(
            new LayerSpec.Whitening(LayerSpec.WhiteningKind.ZCA, 1e-5),
            learning,
            Optional.of(start)));
  }

  /** What doesn't learn has no gradient, and what is before it may have one. */
  @Test
  void shouldLeaveALayerAsItIs() {
    var graph =
        graph(
            NORMALIZE,
            new LayerSpec.ChannelAffine(LayerSpec.Learning.at(1)),
            new LayerSpec.ColorTransform(new LayerSpec.Learning(0, 0.5)));
    try (var replica = new Replica(graph)) {
      replica.computeGradient(batch(), 6);
      replica.update(6);
    }

    assertThat(graph.getParam("colortransform1_W").norm2Number().doubleValue()).isZero();
    assertThat(graph.getParam("channelaffine1_W").norm2Number().doubleValue()).isPositive();
  }

  /** Whatever the size, compiled and in DL4J. */
  @Test
  void shouldTakeImagesOfAnySize() {
    var graph = graph(NORMALIZE, new LayerSpec.LearnedResize(SIDE, SIDE, 4, 1, 1));
    graph.initGradientsView();
    var random = new SampleBatches(4);
    try (var compiled = new CompiledComputation(graph, Precision.FP32)) {
      for (int side : new int[] {5, 8, 13, 40}) {
        var images = random.bytes(2, 3, side, side + 3);
        var output = compiled.output(images)[0];
        assertThat(output.shape()).containsExactly(2, CLASSES);
        var expected = graph.output(images.castTo(DataType.FLOAT))[0];
        assertThat(ParallelComputationTest.error(output, expected)).isLessThan(1e-5);
      }
    }
  }

  /** Whatever they learn, filters stay waves, and say which. */
  @Test
  void shouldSayWhatWavesHaveLearned() {
    var conv = new LayerSpec.Conv(4, 5, 1, 0, true, true, LayerSpec.ActivationKind.RELU);
    var graph = graph(NORMALIZE, new LayerSpec.GaborWaves(conv, LayerSpec.Learning.at(1)));
    graph.getParam("gaborwaves1_W").putScalar(8, 0.25);

    assertThat(LearnedLayers.of(graph))
        .hasSize(4 * 8)
        .anySatisfy(
            one -> {
              assertThat(one.parameter()).isEqualTo("angle 1");
              assertThat(one.start()).isCloseTo(Math.PI / 4, within(1e-6));
              assertThat(one.now()).isCloseTo(Math.PI / 4 + 0.25, within(1e-6));
            });
    var filters = LearnedLayers.filters(graph).get(0);
    assertThat(filters.now().shape()).containsExactly(4, 3, 5, 5);
    assertThat(filters.now().slice(0)).isEqualTo(filters.start().slice(0));
    assertThat(filters.now().slice(1)).isNotEqualTo(filters.start().slice(1));
  }

  /** What the resizer adds to the interpolation starts at 0. */
  @Test
  void shouldStartAsAnInterpolation() {
    var plain = graph(NORMALIZE, new LayerSpec.Resize(5, 6));
    var learned = graph(NORMALIZE, new LayerSpec.LearnedResize(5, 6, 4, 1, 1));
    for (var name : List.of("conv1_W", "conv1_b", "output_W", "output_b")) {
      var own = learned.getParam(name.replace("conv1", "conv6"));
      own.assign(plain.getParam(name));
    }
    var pixels = batch().getFeatures(0);

    try (var one = new Replica(plain);
        var other = new Replica(learned)) {
      assertThat(other.output(pixels)[0]).isEqualTo(one.output(pixels)[0]);
      assertThat(LearnedLayers.of(learned))
          .containsExactly(new LearnedLayers.Learned("zeroconv1", "norm", 0, 0));
      other.computeGradient(batch(), 6);
      other.update(6);
      assertThat(LearnedLayers.of(learned).get(0).now()).isPositive();
    }
  }

  @Test
  void shouldSayWhatACurveHasLearned() {
    var graph = graph(NORMALIZE, CURVE);
    graph.getParam("tonecurve1_W").putScalar(2 * 3 + 1, 0.5);

    assertThat(LearnedLayers.of(graph))
        .hasSize(3 * KNOTS)
        .contains(new LearnedLayers.Learned("tonecurve1", "slope 2, 1", 0, 0.5));
  }

  /** Each filter has the mean 0 and the norm 1, no two are alike, and half are odd. */
  @Test
  void shouldStartAsGaborFunctions() {
    var conv = new LayerSpec.Conv(8, 5, 1, 0, false, true, LayerSpec.ActivationKind.RELU);
    var graph = graph(NORMALIZE, new LayerSpec.StatedConv(conv, LayerSpec.Start.GABOR, 1));
    var filters = graph.getParam("gaborconv1_W").dup('c').reshape('c', 8, 75);
    var truth = DoubleTruth.of(graph);

    for (int f = 0; f < 8; f++) {
      var filter = filters.getRow(f);
      assertThat(filter.sumNumber().doubleValue()).isCloseTo(0, within(1e-5));
      assertThat(filter.norm2Number().doubleValue()).isCloseTo(1, within(1e-5));
      double mirrored = 0;
      for (int i = 0; i < 75; i++) {
        mirrored += filter.getDouble(i) * filter.getDouble(i / 25 * 25 + 24 - i % 25);
      }
      // A cosine is what it is seen from behind, a sine is the opposite.
      assertThat(mirrored).isCloseTo(f % 2 == 0 ? 1 : -1, within(1e-5));
      for (int other = 0; other < f; other++) {
        var product = filter.mul(filters.getRow(other)).sumNumber().doubleValue();
        assertThat(Math.abs(product)).isLessThan(0.99);
      }
    }
    truth.assertSame(batch(), 1e-5);
    assertThat(LearnedLayers.of(graph))
        .hasSize(8)
        .allSatisfy(one -> assertThat(one.now()).isCloseTo(1, within(1e-6)));
  }

  @Test
  void shouldPullCurvesToTheLine() {
    var graph = graph(NORMALIZE, CURVE);
    var slopes = graph.getParam("tonecurve1_W");
    slopes.assign(1);
    try (var replica = new Replica(graph)) {
      replica.zeroGradient();
      replica.update(6);
    }

    // SGD with a rate of 0.1 and an L2 penalty of 0.2.
    assertThat(slopes.getDouble(0)).isCloseTo(0.98, within(1e-6));
  }

  @ParameterizedTest
  @CsvSource({"SGD, 1", "SGD, 0.25", "MOMENTUM, 0.25", "ADAM, 0.5", "ADAM, 0"})
  void shouldTakeStepsOfTheirOwnLength(OptimizerSpec.Kind kind, double factor) {
    var whole = step(kind, 1);
    var part = step(kind, factor);

    for (var name : List.of("channelaffine1_W", "colortransform1_W")) {
      var full = whole.getParam(name).sub(start(name));
      var scaled = part.getParam(name).sub(start(name));
      assertThat(full.norm2Number().doubleValue()).isPositive();
      assertThat(scaled.sub(full.mul(factor)).norm2Number().doubleValue())
          .as(name)
          .isLessThan(1e-6);
    }
    assertThat(part.getParam("conv1_W").sub(whole.getParam("conv1_W")).norm2Number().doubleValue())
        .isLessThan(1e-6);
  }

  private static ComputationGraph step(OptimizerSpec.Kind kind, double factor) {
    var graph =
        graph(
            kind,
            NORMALIZE,
            new LayerSpec.ChannelAffine(LayerSpec.Learning.at(factor)),
            new LayerSpec.ColorTransform(LayerSpec.Learning.at(factor)));
    try (var replica = new Replica(graph)) {
      replica.computeGradient(batch(), 6);
      replica.update(6);
    }
    return graph;
  }

  private static INDArray start(String name) {
    return graph(
            new LayerSpec.ChannelAffine(LayerSpec.Learning.at(1)),
            new LayerSpec.ColorTransform(LayerSpec.Learning.at(1)))
        .getParam(name);
  }
}
