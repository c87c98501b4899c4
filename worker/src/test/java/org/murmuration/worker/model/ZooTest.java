package org.murmuration.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class ZooTest {

  /**
   * cifar-net by hand: 6*3*25+6 + 16*6*25+16 + 400*120+120 + 120*84+84 + 84*10+10. resnet-18 is
   * what PyTorch counts for the usual CIFAR variant.
   */
  @ParameterizedTest
  @CsvSource({
    "cifar-net, 62006, 62006",
    "vgg-small, 1148874, 1150666",
    "resnet-18, 11173962, 11183562",
    "resnet-18-narrow, 701466, 703866"
  })
  void shouldHaveTheKnownNumberOfParameters(String name, long trained, long asDl4jCounts) {
    ComputationGraph graph = Networks.graph(Networks.zoo(name), Networks.CIFAR);

    assertThat(graph.numParams()).isEqualTo(asDl4jCounts);
    assertThat(graph.numParams() - runningStatistics(graph)).isEqualTo(trained);
  }

  private static long runningStatistics(ComputationGraph graph) {
    return graph.paramTable().entrySet().stream()
        .filter(entry -> entry.getKey().endsWith("_mean") || entry.getKey().endsWith("_var"))
        .mapToLong(entry -> entry.getValue().length())
        .sum();
  }

  @Test
  void shouldHalveTheImageBetweenStagesOfResNet() {
    Map<String, InputType> types = outputTypes("resnet-18");

    assertThat(types.get("activation1")).isEqualTo(InputType.convolutional(32, 32, 64));
    assertThat(types.get("sum2")).isEqualTo(InputType.convolutional(32, 32, 64));
    assertThat(types.get("sum4")).isEqualTo(InputType.convolutional(16, 16, 128));
    assertThat(types.get("sum6")).isEqualTo(InputType.convolutional(8, 8, 256));
    assertThat(types.get("sum8")).isEqualTo(InputType.convolutional(4, 4, 512));
    assertThat(types.get("globalpool1")).isEqualTo(InputType.feedForward(512));
  }

  @Test
  void shouldPoolBetweenStagesOfVgg() {
    Map<String, InputType> types = outputTypes("vgg-small");

    assertThat(types.get("activation2")).isEqualTo(InputType.convolutional(32, 32, 64));
    assertThat(types.get("activation4")).isEqualTo(InputType.convolutional(16, 16, 128));
    assertThat(types.get("activation6")).isEqualTo(InputType.convolutional(8, 8, 256));
    assertThat(types.get("globalpool1")).isEqualTo(InputType.feedForward(256));
  }

  private static Map<String, InputType> outputTypes(String name) {
    ComputationGraphConfiguration configuration =
        Networks.configuration(Networks.zoo(name), Networks.CIFAR);
    return configuration.getLayerActivationTypes(InputType.convolutional(32, 32, 3));
  }

  /** A block whose residual branch is zero passes its input on, as only a true shortcut does. */
  @Test
  void shouldAddTheShortcutOfAResidualBlock() {
    ComputationGraph graph = Networks.graph(Networks.zoo("resnet-18"), new InputShape(3, 8, 8));
    graph.getParam("batchnorm3_gamma").assign(0);

    Map<String, INDArray> outputs =
        graph.feedForward(Networks.pixels(1, new InputShape(3, 8, 8), 1), true);

    assertThat(outputs.get("activation3")).isEqualTo(outputs.get("activation1"));
    assertThat(outputs.get("activation1").maxNumber().doubleValue()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({"cifar-net, 32", "vgg-small, 8", "resnet-18, 8"})
  void shouldLearnFourImagesByHeart(String name, int size) {
    InputShape shape = new InputShape(3, size, size);
    ComputationGraph graph =
        Networks.graph(
            NetworkBuilder.build(
                Networks.zoo(name, Networks.CIFAR_NORMALIZE),
                Networks.optimizer(OptimizerSpec.Kind.MOMENTUM, 0.01, 0),
                shape,
                12,
                1));
    ParameterInit.apply(graph, NetworkSpec.Init.HE, 1);
    DataSet batch = new DataSet(Networks.pixels(4, shape, 1), Networks.labels(4, 10));
    double before = graph.score(batch, true);

    for (int i = 0; i < 12; i++) {
      graph.fit(batch);
    }

    assertThat(graph.score(batch, true)).isLessThan(before / 2);
  }

  @Test
  void shouldNameTheNetworksThatExist() {
    assertThat(Zoo.names())
        .containsExactly("cifar-net", "resnet-18", "resnet-18-narrow", "vgg-small");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Networks.configuration(Networks.zoo("resnet-50"), Networks.CIFAR))
        .withMessageContaining("\"resnet-50\"")
        .withMessageContaining("cifar-net, resnet-18, resnet-18-narrow, vgg-small");
  }

  @Test
  void shouldSayThatAnImageIsTooSmallForTheNetwork() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Networks.configuration(Networks.zoo("cifar-net"), new InputShape(3, 12, 12)))
        .withMessageContaining("layer conv2 (in zoo network cifar-net)")
        .withMessageContaining("kernel 5");
  }
}
