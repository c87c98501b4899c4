package org.murmuration.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ParameterInitTest {

  private static ComputationGraph initialised(NetworkSpec.Init init, long seed) {
    ComputationGraph graph = Networks.graph(Networks.zoo("cifar-net"), Networks.CIFAR);
    ParameterInit.apply(graph, init, seed);
    return graph;
  }

  private static double[] values(ComputationGraph graph, String name) {
    INDArray parameter = graph.getParam(name);
    return parameter.ravel().toDoubleVector();
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static double variance(double[] values) {
    double mean = mean(values);
    return Arrays.stream(values).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
  }

  /** A uniform variable in +-a has variance a^2 / 3; five standard errors each. */
  @ParameterizedTest
  @CsvSource({
    "conv1_W, 75",
    "conv1_b, 75",
    "conv2_W, 150",
    "dense1_W, 400",
    "dense1_b, 400",
    "dense2_W, 120",
    "output_W, 84",
    "output_b, 84"
  })
  void shouldDrawUniformlyWithinOneByRootOfFanIn(String name, int fanIn) {
    double[] values = values(initialised(NetworkSpec.Init.PYTORCH, 42), name);
    double bound = 1 / Math.sqrt(fanIn);
    double deviation = bound / Math.sqrt(3);

    assertThat(Arrays.stream(values).map(Math::abs).max().orElseThrow())
        .isLessThanOrEqualTo(bound + 1e-8);
    assertThat(mean(values)).isCloseTo(0, within(5 * deviation / Math.sqrt(values.length)));
    // Var(x^2) = 4 a^4 / 45.
    assertThat(Arrays.stream(values).map(x -> x * x).average().orElseThrow())
        .isCloseTo(
            bound * bound / 3, within(5 * bound * bound * Math.sqrt(4 / 45.0 / values.length)));
    assertThat(Arrays.stream(values).distinct().count()).isGreaterThan(values.length * 9L / 10);
  }

  @ParameterizedTest
  @CsvSource({
    "XAVIER, conv2_W, 0.00363636363", // 2 / (150 + 400)
    "XAVIER, dense1_W, 0.00384615385", // 2 / (400 + 120)
    "HE, conv2_W, 0.01333333333", // 2 / 150
    "HE, dense1_W, 0.005" // 2 / 400
  })
  void shouldDrawNormallyWithTheDocumentedVariance(
      NetworkSpec.Init init, String name, double expected) {
    ComputationGraph graph = initialised(init, 42);
    double[] values = values(graph, name);

    assertThat(mean(values)).isCloseTo(0, within(5 * Math.sqrt(expected / values.length)));
    // The variance of n normal values varies by sqrt(2 / n) of itself.
    assertThat(variance(values))
        .isCloseTo(expected, within(5 * expected * Math.sqrt(2.0 / values.length)));
    // 4.55 % of a normal variable lie beyond two deviations, none of a uniform one.
    double beyond =
        Arrays.stream(values).filter(x -> x * x > 4 * expected).count() / (double) values.length;
    assertThat(beyond).isBetween(0.02, 0.07);
    assertThat(values(graph, "dense1_b")).containsOnly(0);
    assertThat(values(graph, "conv1_b")).containsOnly(0);
  }

  @ParameterizedTest
  @EnumSource(NetworkSpec.Init.class)
  void shouldDependOnTheSeedAlone(NetworkSpec.Init init) {
    Nd4j.getRandom().setSeed(1);
    INDArray first = initialised(init, 42).params().dup();
    Nd4j.getRandom().setSeed(2);
    Nd4j.rand(7);

    assertThat(initialised(init, 42).params()).isEqualTo(first);
    assertThat(initialised(init, 43).params()).isNotEqualTo(first);
  }

  @Test
  void shouldGiveEqualLayersDifferentValues() {
    ComputationGraph graph =
        Networks.graph(
            Networks.layers(2, Networks.dense(3), Networks.dense(3), Networks.dense(3)),
            new InputShape(1, 1, 3));
    ParameterInit.apply(graph, NetworkSpec.Init.PYTORCH, 1);

    assertThat(graph.getParam("dense2_W")).isNotEqualTo(graph.getParam("dense3_W"));
  }

  @Test
  void shouldFillTheFlatVectorThatIsTrainedAndSaved() {
    ComputationGraph graph = Networks.graph(Networks.zoo("cifar-net"), Networks.CIFAR);
    graph.params().assign(9);

    ParameterInit.apply(graph, NetworkSpec.Init.PYTORCH, 1);

    assertThat(graph.params().maxNumber().doubleValue()).isLessThan(0.2);
    assertThat(graph.clone().getParam("output_W")).isEqualTo(graph.getParam("output_W"));
  }

  @Test
  void shouldLeaveBatchNormalisationAsItStarts() {
    ComputationGraph graph =
        Networks.graph(
            Networks.layers(2, Networks.conv(5, 1, 1, 0), new LayerSpec.BatchNorm(1e-5, 0.9)),
            new InputShape(1, 2, 2));

    ParameterInit.apply(graph, NetworkSpec.Init.PYTORCH, 1);

    assertThat(values(graph, "batchnorm1_gamma")).containsOnly(1);
    assertThat(values(graph, "batchnorm1_beta")).containsOnly(0);
    assertThat(values(graph, "batchnorm1_mean")).containsOnly(0);
    assertThat(values(graph, "batchnorm1_var")).containsOnly(1);
  }

  @Test
  void shouldRefuseAGraphWithoutParameters() {
    ComputationGraph graph =
        new ComputationGraph(Networks.configuration(Networks.zoo("cifar-net"), Networks.CIFAR));

    assertThatIllegalStateException()
        .isThrownBy(() -> ParameterInit.apply(graph, NetworkSpec.Init.HE, 1))
        .withMessageContaining("call init() first");
  }
}
