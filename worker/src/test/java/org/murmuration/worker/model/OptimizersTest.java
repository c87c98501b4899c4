package org.murmuration.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.murmuration.worker.model.OptimizerSpec.Kind;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class OptimizersTest {
  private static final InputShape SHAPE = new InputShape(1, 3, 3);
  private static final ScheduleSpec WARM_UP =
      new ScheduleSpec(ScheduleSpec.Shape.CONSTANT, 4, 1, 1, 0);

  private static ComputationGraph graph(OptimizerSpec optimizer) {
    NetworkSpec network =
        Networks.layers(
            3, Networks.conv(2, 2, 1, 0), new LayerSpec.BatchNorm(1e-5, 0.9), Networks.dense(4));
    ComputationGraph graph = Networks.graph(NetworkBuilder.build(network, optimizer, SHAPE, 10, 1));
    // No parameter is zero, so that a decay would show in all of them.
    graph.params().addi(2);
    return graph;
  }

  /** Runs the updater on a gradient that has the same value everywhere; returns the steps. */
  private static Map<String, INDArray> steps(ComputationGraph graph, double gradient, int step) {
    graph.setInputs(Networks.pixels(1, SHAPE, 1).divi(255));
    graph.setLabels(Networks.labels(1, 3));
    graph.computeGradientAndScore();
    Gradient gradients = graph.gradient();
    gradients.gradient().assign(gradient);
    graph.getUpdater(true).update(gradients, step, 0, 1, LayerWorkspaceMgr.noWorkspaces());
    return gradients.gradientForVariable();
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"LARS", "LAMB"})
  void shouldApplyTheScheduleOfEveryUpdater(Kind kind) {
    // Step 0 of the warm-up has a quarter of the rate.
    double rate = steps(graph(Networks.optimizer(kind, 0.8, 0)), 1, 0).get("dense1_W").getDouble(0);
    double quarter =
        steps(graph(Networks.optimizer(kind, 0.8, 0, WARM_UP)), 1, 0).get("dense1_W").getDouble(0);

    assertThat(rate).isPositive();
    assertThat(quarter).isCloseTo(rate / 4, within(1e-6));
  }

  /** With no gradient, AdamW subtracts rate * coefficient * weight and nothing else. */
  @Test
  void shouldShrinkWeightsAloneByRateTimesCoefficientForAdamW() {
    ComputationGraph graph = graph(Networks.optimizer(Kind.ADAMW, 0.8, 0.05, WARM_UP));
    Map<String, INDArray> steps = steps(graph, 0, 1);

    for (String name : new String[] {"conv1_W", "dense1_W", "output_W"}) {
      assertThat(steps.get(name).ravel().toDoubleVector())
          .containsExactly(
              graph.getParam(name).mul(0.4 * 0.05).ravel().toDoubleVector(), within(1e-6));
    }
    assertOthersStay(steps);
  }

  /** With no gradient, an L2 penalty is a gradient of coefficient * weight. */
  @Test
  void shouldShrinkWeightsAloneThroughTheGradientForSgdAndMomentum() {
    for (Kind kind : new Kind[] {Kind.SGD, Kind.MOMENTUM}) {
      ComputationGraph graph = graph(Networks.optimizer(kind, 0.8, 0.05));
      Map<String, INDArray> steps = steps(graph, 0, 0);

      assertThat(steps.get("conv1_W").ravel().toDoubleVector())
          .containsExactly(
              graph.getParam("conv1_W").mul(0.8 * 0.05).ravel().toDoubleVector(), within(1e-6));
      assertOthersStay(steps);
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"LARS", "LAMB"})
  void shouldNeverShrinkBiasesAndNormalisation(Kind kind) {
    assertOthersStay(steps(graph(Networks.optimizer(kind, 0.8, 0.05)), 0, 0));
  }

  private static void assertOthersStay(Map<String, INDArray> steps) {
    String[] others = {
      "conv1_b",
      "dense1_b",
      "output_b",
      "batchnorm1_gamma",
      "batchnorm1_beta",
      "batchnorm1_mean",
      "batchnorm1_var"
    };
    for (String name : others) {
      assertThat(steps.get(name).ravel().toDoubleVector()).as(name).containsOnly(0);
    }
  }

  /** Kingma and Ba 2015: the first step is the rate, whatever the size of the gradient. */
  @Test
  void shouldStepByTheRateInAdamsFirstStep() {
    for (double gradient : new double[] {0.01, 100}) {
      INDArray steps =
          steps(graph(Networks.optimizer(Kind.ADAM, 0.003, 0)), gradient, 0).get("dense1_W");
      assertThat(Arrays.stream(steps.ravel().toDoubleVector()).boxed())
          .allSatisfy(value -> assertThat(value).isCloseTo(0.003, within(1e-6)));
    }
  }

  /** Nesterov's first step from rest: rate * (1 + momentum) * gradient. */
  @Test
  void shouldLookAheadForNesterov() {
    INDArray steps = steps(graph(Networks.optimizer(Kind.NESTEROV, 0.1, 0)), 2, 0).get("dense1_W");

    assertThat(steps.getDouble(0)).isCloseTo(0.1 * 1.9 * 2, within(1e-6));
  }

  @Test
  void shouldCountStepsFromZeroWhenFitting() {
    ComputationGraph graph = graph(Networks.optimizer(Kind.SGD, 0.8, 0, WARM_UP));
    DataSet batch = new DataSet(Networks.pixels(2, SHAPE, 1).divi(255), Networks.labels(2, 3));

    INDArray before = graph.getParam("output_b").dup();
    graph.fit(batch);
    INDArray step = before.sub(graph.getParam("output_b"));

    assertThat(graph.getIterationCount()).isEqualTo(1);
    assertThat(step).isEqualTo(firstStep(0.2));
  }

  private static INDArray firstStep(double rate) {
    ComputationGraph graph = graph(Networks.optimizer(Kind.SGD, rate, 0));
    INDArray before = graph.getParam("output_b").dup();
    graph.fit(new DataSet(Networks.pixels(2, SHAPE, 1).divi(255), Networks.labels(2, 3)));
    return before.sub(graph.getParam("output_b"));
  }

  @Test
  void shouldRefuseValuesOutOfRange() {
    assertRefused("weight decay must be >= 0, but is -1.0", Networks.optimizer(Kind.SGD, 1, -1));
    assertRefused("learning rate must be > 0, but is 0.0", Networks.optimizer(Kind.SGD, 0, 0));
    ScheduleSpec constant = Networks.constant();
    assertRefused(
        "beta1 must be at least 0 and < 1, but is 1.0",
        new OptimizerSpec(Kind.ADAM, 1, 0, 1, 0.9, 1e-8, 0, 1, constant));
    assertRefused(
        "beta2 must be at least 0 and < 1, but is -0.5",
        new OptimizerSpec(Kind.ADAMW, 1, 0, 0.9, -0.5, 1e-8, 0, 1, constant));
    assertRefused(
        "epsilon must be > 0, but is 0.0",
        new OptimizerSpec(Kind.ADAM, 1, 0, 0.9, 0.9, 0, 0, 1, constant));
    assertRefused(
        "momentum must be at least 0 and < 1, but is 1.0",
        new OptimizerSpec(Kind.NESTEROV, 1, 1, 0.9, 0.9, 0, 0, 1, constant));
  }

  private static void assertRefused(String message, OptimizerSpec optimizer) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph(optimizer))
        .withMessageContaining(message);
  }
}
