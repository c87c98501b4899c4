package org.murmuration.worker.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.murmuration.worker.accel.PreparedBackend;
import org.murmuration.worker.model.LearningRateSchedule;
import org.murmuration.worker.model.Momentum;
import org.murmuration.worker.model.ScheduleSpec;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/** DL4J's own updater, given the same gradients, is the truth. */
@ExtendWith(PreparedBackend.class)
class FusedStepTest {
  private static final int STEPS = 20;
  private static final int STEPS_PER_EPOCH = 8;
  private static final int BATCH = 7;
  private static final double TOLERANCE = 1e-6;
  private static final double RATE = 0.05;

  private static final Map<String, Function<ISchedule, IUpdater>> UPDATERS =
      Map.of(
          "SGD", s -> Sgd.builder().learningRate(RATE).learningRateSchedule(s).build(),
          "momentum", s -> new Momentum(RATE, s, 0.9),
          "Nesterov", s -> Nesterovs.builder().momentum(0.9).learningRateSchedule(s).build(),
          "Adam", s -> Adam.builder().learningRateSchedule(s).build());

  /** The cosine ends with a rate of 0. */
  private static final Map<String, ISchedule> SCHEDULES =
      Map.of(
          "fixed", new FixedSchedule(RATE),
          "cosine",
              LearningRateSchedule.of(
                  new ScheduleSpec(ScheduleSpec.Shape.COSINE, 3, 1, 1, 0), RATE, STEPS),
          "by epoch", new StepSchedule(ScheduleType.EPOCH, RATE, 0.5, 1));

  private static final Map<String, List<Regularization>> REGULARIZATIONS =
      Map.of(
          "none", List.of(),
          "L1", List.of(new L1Regularization(0.003)),
          "L2", List.of(new L2Regularization(0.02)),
          "L2 by schedule",
              List.of(new L2Regularization(new StepSchedule(ScheduleType.ITERATION, 0.1, 0.3, 6))),
          "decay", List.of(new WeightDecay(0.02, true)),
          "decay whatever the rate", List.of(new WeightDecay(0.001, false)),
          "all",
              List.of(
                  new WeightDecay(0.001, false),
                  new L2Regularization(0.02),
                  new L1Regularization(0.003),
                  new L2Regularization(0.01),
                  new WeightDecay(0.02, true)));

  static Stream<Arguments> updatersSchedulesAndRegularizations() {
    List<Arguments> cases = new ArrayList<>();
    UPDATERS.forEach(
        (updater, of) ->
            SCHEDULES.forEach(
                (schedule, rates) ->
                    REGULARIZATIONS.forEach(
                        (regularization, list) ->
                            cases.add(
                                arguments(
                                    "%s, %s, %s".formatted(updater, schedule, regularization),
                                    of.apply(rates),
                                    list)))));
    return cases.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("updatersSchedulesAndRegularizations")
  void shouldStepAsDl4jDoes(String name, IUpdater updater, List<Regularization> weights) {
    assertStepsAsDl4j(StepNets.configuration(updater, weights));
  }

  static Stream<Arguments> specialCases() {
    List<Regularization> l2 = List.of(new L2Regularization(0.02));
    var momentum = new Momentum(RATE, null, 0.9);
    var adam = new Adam(RATE);
    return Stream.of(
        special("no learning rate", new NoOp(), new WeightDecay(0.02, true), configuration -> {}),
        special(
            "momentum by schedule",
            new Nesterovs(RATE, new StepSchedule(ScheduleType.ITERATION, 0.9, 0.7, 3)),
            l2.get(0),
            configuration -> {}),
        special(
            "biases with an updater of their own",
            adam,
            l2.get(0),
            layers(layer -> layer.setBiasUpdater(momentum))),
        special(
            "an updater for each layer",
            adam,
            l2.get(0),
            named("dense", layer -> layer.setIUpdater(momentum))),
        special("regularised biases", adam, l2.get(0), layers(l -> l.setRegularizationBias(l2))),
        special(
            "a constraint",
            momentum,
            l2.get(0),
            named("dense", layer -> layer.setConstraints(List.of(new MaxNormConstraint(0.5, 1))))),
        special("sums instead of means", momentum, l2.get(0), FusedStepTest::sumGradients));
  }

  private static Arguments special(
      String name,
      IUpdater updater,
      Regularization weights,
      Consumer<ComputationGraphConfiguration> change) {
    return arguments(name, updater, weights, change);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("specialCases")
  void shouldStepAsDl4jDoesWith(
      String name,
      IUpdater updater,
      Regularization weights,
      Consumer<ComputationGraphConfiguration> change) {
    var configuration = StepNets.configuration(updater, List.of(weights));
    change.accept(configuration);
    assertStepsAsDl4j(configuration);
  }

  static Stream<Arguments> frozen() {
    return Stream.of(
        arguments("frozen", new FrozenLayer(StepNets.dense())),
        arguments("frozen with backward", new FrozenLayerWithBackprop(StepNets.dense())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("frozen")
  void shouldStepAsDl4jDoesWithALayerThatIs(String name, Layer layer) {
    for (var updater : UPDATERS.values()) {
      assertStepsAsDl4j(
          StepNets.configuration(
              updater.apply(new FixedSchedule(RATE)),
              List.of(new L2Regularization(0.02), new WeightDecay(0.02, true)),
              layer));
    }
  }

  @Test
  void shouldGiveTheSameBitsWithAnyNumberOfThreads() {
    for (var updater : UPDATERS.values()) {
      var configuration =
          StepNets.configuration(
              updater.apply(new FixedSchedule(RATE)), List.of(new L2Regularization(0.02)));
      var one = StepNets.graph(configuration);
      train(one, fused(one, 1));
      for (int threads : new int[] {2, 3, 16}) {
        var several = StepNets.graph(configuration);
        train(several, fused(several, threads));
        assertThat(several.params()).isEqualTo(one.params());
        assertThat(state(several)).containsExactly(state(one));
      }
    }
  }

  private static void assertStepsAsDl4j(ComputationGraphConfiguration configuration) {
    var ours = StepNets.graph(configuration);
    var dl4j = StepNets.graph(configuration);
    var before = dl4j.params().dup();
    var our = fused(ours, 3);
    var its = new Dl4jStep(dl4j);
    for (int step = 0; step < STEPS; step++) {
      take(ours, our, step);
      take(dl4j, its, step);
      assertClose(floats(ours.params()), floats(dl4j.params()), "parameters", step);
      assertClose(state(ours), state(dl4j), "state", step);
    }
    assertThat(dl4j.params()).as("something changed").isNotEqualTo(before);
  }

  private static OptimizerStep fused(ComputationGraph graph, int threads) {
    return FusedStep.of(graph, threads).orElseThrow();
  }

  private static void train(ComputationGraph graph, OptimizerStep optimizer) {
    for (int step = 0; step < STEPS; step++) {
      take(graph, optimizer, step);
    }
  }

  private static void take(ComputationGraph graph, OptimizerStep optimizer, int step) {
    graph.getFlattenedGradients().assign(StepNets.gradient(graph, step));
    optimizer.apply(step, step / STEPS_PER_EPOCH, BATCH);
  }

  /** Halves by themselves, because the two states of Adam differ by magnitudes. */
  private static void assertClose(float[] actual, float[] expected, String what, int step) {
    assertThat(actual).hasSameSizeAs(expected);
    var middle = expected.length / 2;
    assertThat(
            Math.max(
                error(actual, expected, 0, middle),
                error(actual, expected, middle, expected.length)))
        .as("error of the %s in step %d", what, step)
        .isLessThan(TOLERANCE);
  }

  /** The norm of the difference by the norm, or the largest difference by the largest value. */
  private static double error(float[] actual, float[] expected, int from, int to) {
    double squaredDifference = 0;
    double squared = 0;
    double largestDifference = 0;
    double largest = 0;
    for (int i = from; i < to; i++) {
      var difference = (double) actual[i] - expected[i];
      squaredDifference += difference * difference;
      squared += (double) expected[i] * expected[i];
      largestDifference = Math.max(largestDifference, Math.abs(difference));
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    return squaredDifference == 0
        ? 0
        : Math.max(Math.sqrt(squaredDifference / squared), largestDifference / largest);
  }

  private static float[] state(ComputationGraph graph) {
    var state = graph.getUpdater().getStateViewArray();
    return state == null ? new float[0] : floats(state);
  }

  private static float[] floats(INDArray array) {
    return array.reshape(array.length()).toFloatVector();
  }

  private static void sumGradients(ComputationGraphConfiguration configuration) {
    configuration
        .getVertices()
        .values()
        .forEach(vertex -> ((LayerVertex) vertex).getLayerConf().setMiniBatch(false));
  }

  private static Consumer<ComputationGraphConfiguration> layers(Consumer<BaseLayer> change) {
    return configuration ->
        configuration
            .getVertices()
            .keySet()
            .forEach(name -> named(name, change).accept(configuration));
  }

  private static Consumer<ComputationGraphConfiguration> named(
      String name, Consumer<BaseLayer> change) {
    return configuration ->
        change.accept(
            (BaseLayer)
                ((LayerVertex) configuration.getVertices().get(name)).getLayerConf().getLayer());
  }
}
