package org.murmuration.worker.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.murmuration.worker.accel.PreparedBackend;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;

@ExtendWith(PreparedBackend.class)
class OptimizerStepTest {
  private static final L2Regularization L2 = new L2Regularization(0.02);

  @Test
  void shouldFuseWhatItKnows() {
    assertThat(
            OptimizerStep.of(StepNets.graph(StepNets.configuration(new Sgd(0.1), List.of(L2))), 1))
        .isInstanceOf(FusedStep.class);
  }

  static Stream<Arguments> unknown() {
    return Stream.of(
        arguments("an updater", new RmsProp(0.1), L2, StepNets.dense()),
        arguments("a regularisation", new Sgd(0.1), new Cubes(), StepNets.dense()),
        arguments(
            "a subclass of a regularisation", new Sgd(0.1), new Halved(0.02), StepNets.dense()),
        arguments(
            "pretrained parameters", new Sgd(0.1), L2, new AutoEncoder.Builder().nOut(10).build()),
        arguments(
            "clipping",
            new Sgd(0.1),
            L2,
            new DenseLayer.Builder()
                .nOut(10)
                .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                .gradientNormalizationThreshold(0.01)
                .build()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unknown")
  void shouldLeaveToDl4j(String name, IUpdater updater, Regularization weights, Layer middle) {
    var graph = StepNets.init(StepNets.configuration(updater, List.of(weights), middle));
    var before = graph.params().dup();
    graph.getFlattenedGradients().assign(StepNets.gradient(graph, 0));

    var step = OptimizerStep.of(graph, 1);
    step.apply(0, 0, 7);

    assertThat(step).isInstanceOf(Dl4jStep.class);
    assertThat(graph.params()).isNotEqualTo(before);
  }

  /** A regularisation of somebody's own. */
  private static final class Cubes implements Regularization {
    private static final long serialVersionUID = 1L;

    @Override
    public ApplyStep applyStep() {
      return ApplyStep.BEFORE_UPDATER;
    }

    @Override
    public void apply(INDArray param, INDArray gradView, double lr, int iteration, int epoch) {
      gradView.addi(param.mul(param).muli(0.1));
    }

    @Override
    public double score(INDArray param, int iteration, int epoch) {
      return 0;
    }

    @Override
    public Regularization clone() {
      return new Cubes();
    }
  }

  /** Not what its superclass is. */
  private static final class Halved extends L2Regularization {
    private static final long serialVersionUID = 1L;

    Halved(double l2) {
      super(l2);
    }

    @Override
    public void apply(INDArray param, INDArray gradView, double lr, int iteration, int epoch) {
      super.apply(param, gradView.divi(2), lr, iteration, epoch);
    }

    @Override
    public Regularization clone() {
      return this;
    }
  }
}
