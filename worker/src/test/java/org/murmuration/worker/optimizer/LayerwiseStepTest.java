package org.murmuration.worker.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.murmuration.worker.accel.PreparedBackend;
import org.murmuration.worker.model.Layerwise;
import org.murmuration.worker.model.Layerwise.Rule;
import org.murmuration.worker.model.Momentum;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;

/** The papers' formulas, array by array in double precision, are the truth. */
@ExtendWith(PreparedBackend.class)
class LayerwiseStepTest {
  private static final int STEPS = 6;
  private static final int BATCH = 7;
  private static final double RATE = 0.05;
  private static final double DECAY = 0.02;
  private static final double TRUST = 0.01;
  private static final double MOMENTUM = 0.9;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  /**
   * The running statistics of batch normalisation: their gradients are steps, taken as they are.
   */
  private static final Set<String> STATISTICS = Set.of("norm_mean", "norm_log10stdev", "norm_var");

  private static final Set<String> DECAYED = Set.of("conv_W", "dense_W");

  private static ComputationGraph graph(Rule rule) {
    var base =
        rule == Rule.LARS
            ? new Momentum(RATE, null, MOMENTUM)
            : new Adam(RATE, BETA1, BETA2, EPSILON);
    Regularization decay =
        rule == Rule.LARS ? new L2Regularization(DECAY) : new WeightDecay(DECAY, true);
    return StepNets.graph(StepNets.configuration(new Layerwise(rule, base, TRUST), List.of(decay)));
  }

  @ParameterizedTest
  @EnumSource
  void shouldStepAsThePapersSay(Rule rule) {
    var graph = graph(rule);
    var truth = new Truth(graph, rule);
    var optimizer = OptimizerStep.of(graph, 2);
    assertThat(optimizer).isInstanceOf(LayerwiseStep.class);
    for (int step = 0; step < STEPS; step++) {
      graph.getFlattenedGradients().assign(StepNets.gradient(graph, step));
      truth.step(graph, step);
      optimizer.apply(step, 0, BATCH);
      graph
          .paramTable()
          .forEach(
              (name, values) -> {
                var expected = truth.parameters.get(name);
                var actual = values.dup('c').data().asDouble();
                for (int i = 0; i < expected.length; i++) {
                  assertThat(actual[i]).as(name).isCloseTo(expected[i], within(2e-6));
                }
              });
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldGiveTheSameBitsWithAnyNumberOfThreads(Rule rule) {
    var one = graph(rule);
    var three = graph(rule);
    var oneStep = OptimizerStep.of(one, 1);
    var threeSteps = OptimizerStep.of(three, 3);
    for (int step = 0; step < STEPS; step++) {
      one.getFlattenedGradients().assign(StepNets.gradient(one, step));
      three.getFlattenedGradients().assign(StepNets.gradient(one, step));
      oneStep.apply(step, 0, BATCH);
      threeSteps.apply(step, 0, BATCH);
    }

    assertThat(three.params()).isEqualTo(one.params());
  }

  @Test
  void shouldNotBeTakenForItsBaseByDl4j() {
    var graph = graph(Rule.LAMB);
    graph.getFlattenedGradients().assign(StepNets.gradient(graph, 0));

    assertThatThrownBy(() -> new Dl4jStep(graph).apply(0, 0, BATCH))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("LAMB scales the step of each array of weights");
  }

  /** Parameters and moments by array. */
  private static final class Truth {
    private final Rule rule;
    private final Map<String, double[]> parameters = new HashMap<>();
    private final Map<String, double[]> first = new HashMap<>();
    private final Map<String, double[]> second = new HashMap<>();

    Truth(ComputationGraph graph, Rule rule) {
      this.rule = rule;
      graph
          .paramTable()
          .forEach(
              (name, values) -> {
                parameters.put(name, values.dup('c').data().asDouble());
                first.put(name, new double[(int) values.length()]);
                second.put(name, new double[(int) values.length()]);
              });
    }

    void step(ComputationGraph graph, int step) {
      long at = 0;
      for (var layer : graph.getLayers()) {
        var conf = layer.conf();
        var views =
            conf.getLayer()
                .initializer()
                .getGradientsFromFlattened(conf, layer.getGradientsViewArray());
        for (var view : views.entrySet()) {
          var name = conf.getLayer().getLayerName() + "_" + view.getKey();
          step(name, view.getValue().dup('c').data().asDouble(), step);
          at++;
        }
      }
      assertThat(at).isEqualTo(parameters.size());
    }

    private void step(String name, double[] gradient, int step) {
      var w = parameters.get(name);
      var m = first.get(name);
      var v = second.get(name);
      boolean weights = name.endsWith("_W");
      double decay = DECAYED.contains(name) ? DECAY : 0;
      int n = w.length;
      var g = new double[n];
      for (int i = 0; i < n; i++) {
        g[i] = STATISTICS.contains(name) ? gradient[i] : gradient[i] / BATCH;
      }
      if (STATISTICS.contains(name)) {
        for (int i = 0; i < n; i++) {
          w[i] -= g[i];
        }
        return;
      }
      double trust =
          rule == Rule.LARS && weights ? TRUST * norm(w) / (norm(g) + decay * norm(w)) : 1;
      var update = new double[n];
      double correction1 = 1 - Math.pow(BETA1, step + 1);
      double correction2 = 1 - Math.pow(BETA2, step + 1);
      for (int i = 0; i < n; i++) {
        if (rule == Rule.LARS) {
          m[i] = MOMENTUM * m[i] + trust * (g[i] + decay * w[i]);
          update[i] = m[i];
        } else {
          m[i] = BETA1 * m[i] + (1 - BETA1) * g[i];
          v[i] = BETA2 * v[i] + (1 - BETA2) * g[i] * g[i];
          double root = Math.sqrt(v[i]) + EPSILON;
          update[i] = m[i] / root * Math.sqrt(correction2) / correction1 + decay * w[i];
        }
      }
      double ratio = rule == Rule.LAMB && weights ? norm(w) / norm(update) : 1;
      for (int i = 0; i < n; i++) {
        w[i] -= RATE * ratio * update[i];
      }
    }

    private static double norm(double[] values) {
      double sum = 0;
      for (double value : values) {
        sum += value * value;
      }
      return Math.sqrt(sum);
    }
  }
}
