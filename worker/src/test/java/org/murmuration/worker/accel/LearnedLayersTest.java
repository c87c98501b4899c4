package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.model.InputShape;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.LearnedLayers;
import org.murmuration.worker.model.NetworkBuilder;
import org.murmuration.worker.model.NetworkSpec;
import org.murmuration.worker.model.OptimizerSpec;
import org.murmuration.worker.model.ParameterInit;
import org.murmuration.worker.model.ScheduleSpec;
import org.murmuration.worker.training.Replica;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Preprocessing that learns with the network: how it starts, and its exact gradients. */
@ExtendWith(PreparedBackend.class)
class LearnedLayersTest {
  private static final int SIDE = 8;
  private static final int CLASSES = 3;
  private static final LayerSpec NORMALIZE =
      new LayerSpec.Normalize(List.of(120.0, 110.0, 100.0), List.of(60.0, 65.0, 70.0));

  private static final int KNOTS = 5;
  private static final LayerSpec CURVE = new LayerSpec.ToneCurve(KNOTS, -2, 2, 1, 0.2);

  @Test
  void shouldChangeNothingAtFirst() {
    var plain = graph(NORMALIZE);
    var learned =
        graph(NORMALIZE, new LayerSpec.ChannelAffine(1), new LayerSpec.ColorTransform(1), CURVE);
    var pixels = batch().getFeatures(0);

    try (var one = new Replica(plain);
        var other = new Replica(learned)) {
      assertThat(ParallelComputationTest.error(other.output(pixels)[0], one.output(pixels)[0]))
          .isLessThan(1e-6);
      assertThat(other.info().dl4jLayers()).isEmpty();
    }
  }

  /** Against DL4J's gradients in double precision, and those against central differences. */
  @Test
  void shouldHaveExactGradients() {
    var graph = graph(NORMALIZE, new LayerSpec.ChannelAffine(1), new LayerSpec.ColorTransform(1));
    Nd4j.getRandom().setSeed(5);
    graph.params().addi(Nd4j.rand(graph.params().shape()).subi(0.5).muli(0.1));
    var truth = DoubleTruth.of(graph);
    var batch = batch();

    truth.assertSame(batch, 1e-5);

    var first = (int) (graph.params().length() - graph.numParams());
    for (int parameter = first; parameter < first + 18; parameter++) {
      assertThat(graph.getFlattenedGradients().getDouble(parameter))
          .as("parameter %d", parameter)
          .isCloseTo(truth.derivative(batch, parameter), within(1e-3));
    }
  }

  /** The curve is compiled by hand; DL4J derives its gradient by itself. */
  @Test
  void shouldHaveExactGradientsOfCurves() {
    var graph = graph(NORMALIZE, new LayerSpec.ColorTransform(1), CURVE);
    Nd4j.getRandom().setSeed(5);
    graph.params().addi(Nd4j.rand(graph.params().shape()).subi(0.5).muli(0.1));
    var truth = DoubleTruth.of(graph);
    var batch = batch();

    truth.assertSame(batch, 1e-5);

    for (int parameter = 0; parameter < 12 + 3 * KNOTS; parameter++) {
      assertThat(graph.getFlattenedGradients().getDouble(parameter))
          .as("parameter %d", parameter)
          .isCloseTo(truth.derivative(batch, parameter), within(1e-3));
    }
  }

  @Test
  void shouldSayWhatACurveHasLearned() {
    var graph = graph(NORMALIZE, CURVE);
    graph.getParam("tonecurve1_W").putScalar(new long[] {2, 1}, 0.5);

    assertThat(LearnedLayers.of(graph))
        .hasSize(3 * KNOTS)
        .contains(new LearnedLayers.Learned("tonecurve1", "weights 2, 1", 0, 0.5));
  }

  /** Each filter has the mean 0 and the norm 1, no two are alike, and half are odd. */
  @Test
  void shouldStartAsGaborFunctions() {
    var conv = new LayerSpec.Conv(8, 5, 1, 0, false, true, LayerSpec.ActivationKind.RELU);
    var graph = graph(NORMALIZE, new LayerSpec.GaborConv(conv, 1));
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

    for (var name : List.of("channelaffine1_W", "channelaffine1_b", "colortransform1_W")) {
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
            new LayerSpec.ChannelAffine(factor),
            new LayerSpec.ColorTransform(factor));
    try (var replica = new Replica(graph)) {
      replica.computeGradient(batch(), 6);
      replica.update(6);
    }
    return graph;
  }

  private static INDArray start(String name) {
    return graph(new LayerSpec.ChannelAffine(1), new LayerSpec.ColorTransform(1)).getParam(name);
  }

  private static ComputationGraph graph(LayerSpec... preprocessing) {
    return graph(OptimizerSpec.Kind.SGD, preprocessing);
  }

  private static ComputationGraph graph(OptimizerSpec.Kind kind, LayerSpec... preprocessing) {
    var network =
        new NetworkSpec(
            List.of(preprocessing),
            Optional.empty(),
            List.of(
                new LayerSpec.Conv(4, 3, 1, 1, false, true, LayerSpec.ActivationKind.TANH),
                new LayerSpec.GlobalAveragePool()),
            CLASSES,
            NetworkSpec.Init.PYTORCH);
    var optimizer =
        new OptimizerSpec(
            kind,
            0.1,
            0.9,
            0.9,
            0.999,
            1e-8,
            0,
            1,
            new ScheduleSpec(ScheduleSpec.Shape.CONSTANT, 0, 1, 1, 0));
    var graph =
        new ComputationGraph(
            NetworkBuilder.build(network, optimizer, new InputShape(3, SIDE, SIDE), 10, 1));
    graph.init();
    ParameterInit.apply(graph, NetworkSpec.Init.PYTORCH, 9);
    return graph;
  }

  private static MultiDataSet batch() {
    var random = new SampleBatches(4);
    return new MultiDataSet(random.bytes(6, 3, SIDE, SIDE), random.classes(6, CLASSES));
  }
}
