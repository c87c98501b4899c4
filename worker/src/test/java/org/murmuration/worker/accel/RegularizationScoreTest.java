package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/** DL4J in double precision is the truth. */
class RegularizationScoreTest {
  private static final double PERCENT = 1e-5;

  /** DL4J's own score of an fp32 network. */
  private static final double PERCENT_OF_FLOATS = 1e-3;

  private static final int ITERATION = 11;
  private static final int EPOCH = 3;
  private static final ISchedule BY_ITERATION =
      new StepSchedule(ScheduleType.ITERATION, 0.4, 0.7, 2);
  private static final ISchedule BY_EPOCH = new StepSchedule(ScheduleType.EPOCH, 0.4, 0.7, 1);

  static Stream<Arguments> regularizations() {
    return Stream.of(
        arguments("L1", List.of(new L1Regularization(0.01))),
        arguments("L2", List.of(new L2Regularization(0.02))),
        arguments("decay", List.of(new WeightDecay(0.03, true))),
        arguments("by iteration", List.of(new L2Regularization(BY_ITERATION))),
        arguments("by epoch", List.of(new L1Regularization(BY_EPOCH))),
        arguments(
            "several",
            List.of(
                new L2Regularization(0.02),
                new WeightDecay(0.03, false),
                new L1Regularization(0.01),
                new L2Regularization(0.001))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("regularizations")
  void shouldBeDl4js(String name, List<Regularization> weights) {
    assertScoreIsDl4js(graph(weights, new DenseLayer.Builder().nOut(37).build()), PERCENT);
  }

  static Stream<Arguments> layers() {
    var regularized = new DenseLayer.Builder().nOut(37).l2(100).l1Bias(50).biasInit(1).build();
    return Stream.of(
        arguments("with regularised biases", regularized),
        arguments("frozen", new FrozenLayer(regularized)),
        arguments("frozen with backward", new FrozenLayerWithBackprop(regularized)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void shouldBeDl4jsWithALayer(String name, Layer layer) {
    assertScoreIsDl4js(graph(List.of(new L2Regularization(0.02)), layer), PERCENT);
  }

  @Test
  void shouldAskALayerWithAnotherScore() {
    assertScoreIsDl4js(
        graph(
            List.of(new L2Regularization(0.02)),
            new AutoEncoder.Builder().nOut(37).l2(100).build()),
        PERCENT_OF_FLOATS);
  }

  @Test
  void shouldAskALayerWithARegularizationThatItDoesNotKnow() {
    assertScoreIsDl4js(
        graph(
            List.of(new Sums(), new L2Regularization(0.02)),
            new DenseLayer.Builder().nOut(37).build()),
        PERCENT_OF_FLOATS);
  }

  @Test
  void shouldBeNothingWithoutRegularization() {
    var graph = graph(List.of(), new DenseLayer.Builder().nOut(37).build());
    assertThat(new RegularizationScore(graph).value()).isZero();
  }

  /** 3 x 0.5 of L1 and 2 / 2 x 3 x 0.25 of L2 for each input of an output of 3. */
  @Test
  void shouldBeTheClosedForm() {
    var graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                    "out",
                    new OutputLayer.Builder(LossFunction.MSE)
                        .nIn(30_001)
                        .nOut(3)
                        .l1(1)
                        .l2(2)
                        .build(),
                    "in")
                .setOutputs("out")
                .build());
    graph.init();
    graph.params().assign(-0.5);

    assertThat(new RegularizationScore(graph).value()).isEqualTo(30_001 * (1.5 + 0.75));
  }

  @Test
  void shouldFollowTheParameters() {
    var graph =
        graph(List.of(new L2Regularization(0.02)), new DenseLayer.Builder().nOut(9).build());
    var score = new RegularizationScore(graph);
    var before = score.value();

    graph.params().muli(2);

    assertThat(score.value()).isCloseTo(4 * before, withinPercentage(PERCENT));
  }

  private static void assertScoreIsDl4js(ComputationGraph graph, double percent) {
    var truth = graph.convertDataType(DataType.DOUBLE);
    for (var layer : truth.getLayers()) {
      layer.setIterationCount(ITERATION);
      layer.setEpochCount(EPOCH);
    }
    var expected = truth.calcRegularizationScore(true);

    assertThat(expected).isPositive();
    assertThat(new RegularizationScore(graph).value())
        .isCloseTo(expected, withinPercentage(percent));
  }

  /** The regularisation is that of two layers with more weights than fit a chunk, and less. */
  private static ComputationGraph graph(List<Regularization> weights, Layer middle) {
    var graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(6, 6, 3))
                .addLayer(
                    "conv",
                    new ConvolutionLayer.Builder(3, 3).nOut(5).regularization(weights).build(),
                    "in")
                .addLayer("norm", new BatchNormalization.Builder().build(), "conv")
                .addLayer("middle", middle, "norm")
                .addLayer(
                    "dense",
                    new DenseLayer.Builder().nOut(501).regularization(weights).build(),
                    "middle")
                .addLayer(
                    "out",
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(4)
                        .activation(Activation.SOFTMAX)
                        .build(),
                    "dense")
                .setOutputs("out")
                .build());
    graph.init();
    graph.getConfiguration().setIterationCount(ITERATION);
    graph.getConfiguration().setEpochCount(EPOCH);
    return graph;
  }

  /** A regularisation of somebody's own. */
  private static final class Sums implements Regularization {
    private static final long serialVersionUID = 1L;

    @Override
    public ApplyStep applyStep() {
      return ApplyStep.BEFORE_UPDATER;
    }

    @Override
    public void apply(INDArray param, INDArray gradView, double lr, int iteration, int epoch) {
      gradView.addi(1);
    }

    @Override
    public double score(INDArray param, int iteration, int epoch) {
      return 100 + param.castTo(DataType.DOUBLE).sumNumber().doubleValue();
    }

    @Override
    public Regularization clone() {
      return new Sums();
    }
  }
}
