package org.murmuration.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.model.LayerSpec.ActivationKind;
import org.murmuration.worker.model.LayerSpec.PoolKind;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class NetworkBuilderTest {
  private static final InputShape SMALL = new InputShape(2, 6, 5);

  private static NetworkSpec same(int filters, int kernel, int stride) {
    return Networks.layers(
        2, new LayerSpec.Conv(filters, kernel, stride, 3, true, false, ActivationKind.IDENTITY));
  }

  private static long[] shapeAfter(String layer, NetworkSpec network, InputShape input) {
    ComputationGraph graph = Networks.graph(network, input);
    return graph.feedForward(Networks.pixels(1, input, 1), false).get(layer).shape();
  }

  @Test
  void shouldNameLayersByTypeAndCounter() {
    NetworkSpec network =
        new NetworkSpec(
            List.of(new LayerSpec.Scale(255), Networks.CIFAR_NORMALIZE),
            Optional.empty(),
            List.of(
                Networks.conv(4, 3, 1, 1),
                new LayerSpec.BatchNorm(1e-5, 0.9),
                new LayerSpec.Activation(ActivationKind.RELU),
                new LayerSpec.Pool(PoolKind.MAX, 2, 2, 0),
                Networks.conv(4, 3, 1, 1),
                new LayerSpec.Pool(PoolKind.AVERAGE, 2, 2, 0),
                new LayerSpec.GlobalAveragePool(),
                new LayerSpec.Dropout(0.5),
                Networks.dense(7)),
            10,
            NetworkSpec.Init.PYTORCH);

    ComputationGraphConfiguration configuration = Networks.configuration(network, Networks.CIFAR);

    assertThat(configuration.getVertices().keySet())
        .containsExactly(
            "scale1",
            "normalize1",
            "conv1",
            "batchnorm1",
            "activation1",
            "pool1",
            "conv2",
            "pool2",
            "globalpool1",
            "dropout1",
            "dense1",
            "output");
    assertThat(configuration.getNetworkInputs()).containsExactly("image");
    assertThat(configuration.getNetworkOutputs()).containsExactly("output");
    assertThat(ComputationGraphConfiguration.fromJson(configuration.toJson()))
        .isEqualTo(configuration);
  }

  /** Every window that lies inside of the padded image, counted one by one. */
  @Property(tries = 25)
  void shouldPutOutOneValueForEveryWindowThatFits(
      @ForAll @IntRange(min = 1, max = 4) int kernel,
      @ForAll @IntRange(min = 1, max = 3) int stride,
      @ForAll @IntRange(max = 2) int padding) {
    NetworkSpec network = Networks.layers(2, Networks.conv(3, kernel, stride, padding));

    assertThat(shapeAfter("conv1", network, SMALL))
        .containsExactly(
            1, 3, windows(6, kernel, stride, padding), windows(5, kernel, stride, padding));
  }

  private static long windows(int size, int kernel, int stride, int padding) {
    int count = 0;
    for (int start = -padding; start + kernel <= size + padding; start += stride) {
      count++;
    }
    return count;
  }

  @ParameterizedTest
  @CsvSource({"3, 1, 6, 5", "3, 2, 3, 3", "5, 4, 2, 2", "7, 1, 6, 5"})
  void shouldKeepTheSizeByStrideWhenPaddingIsSame(int kernel, int stride, int height, int width) {
    assertThat(shapeAfter("conv1", same(3, kernel, stride), SMALL))
        .containsExactly(1, 3, height, width);
  }

  @Test
  void shouldHonourTheBiasFlag() {
    NetworkSpec network =
        Networks.layers(
            2,
            new LayerSpec.Conv(3, 2, 1, 0, false, false, ActivationKind.RELU),
            new LayerSpec.Dense(4, false, ActivationKind.RELU),
            Networks.dense(4));

    assertThat(Networks.graph(network, SMALL).paramTable().keySet())
        .contains("conv1_W", "dense1_W", "dense2_W", "dense2_b", "output_b")
        .doesNotContain("conv1_b", "dense1_b");
  }

  @ParameterizedTest
  @CsvSource({
    "IDENTITY, -2, -2",
    "RELU, -2, 0",
    "RELU, 3, 3",
    "LEAKY_RELU, -2, -0.02",
    "ELU, -2, -0.8646647",
    "GELU, -2, -0.0643414",
    "SWISH, -2, -0.2384058",
    "TANH, -2, -0.9640276",
    "SIGMOID, -2, 0.1192029"
  })
  void shouldComputeTheNamedActivation(ActivationKind kind, float x, float y) {
    NetworkSpec network =
        Networks.layers(2, new LayerSpec.Scale(1), new LayerSpec.Activation(kind));
    ComputationGraph graph = Networks.graph(network, new InputShape(1, 1, 1));
    INDArray input = Nd4j.createFromArray(x).reshape(1, 1, 1, 1);

    float output = graph.feedForward(input, false).get("activation1").getFloat(0);

    assertThat(output).isCloseTo(y, within(1e-5f));
  }

  @Test
  void shouldTreatAveragesAndMaximaAtPaddedBorders() {
    InputShape shape = new InputShape(1, 2, 2);
    INDArray image = Nd4j.createFromArray(-1f, -2f, -3f, -4f).reshape('c', 1, 1, 2, 2);

    for (PoolKind kind : PoolKind.values()) {
      ComputationGraph graph =
          Networks.graph(Networks.layers(2, new LayerSpec.Pool(kind, 2, 2, 1)), shape);
      INDArray output = graph.feedForward(image, false).get("pool1");
      assertThat(output.data().asFloat()).containsExactly(-1, -2, -3, -4);
    }
  }

  @Test
  void shouldDropWithTheGivenProbabilityAndScaleTheRest() {
    NetworkSpec network = Networks.layers(2, new LayerSpec.Scale(1), new LayerSpec.Dropout(0.2));
    InputShape shape = new InputShape(1, 100, 100);
    ComputationGraph graph = Networks.graph(network, shape);
    INDArray ones = Nd4j.ones(DataType.FLOAT, 4, 1, 100, 100);

    float[] trained = graph.feedForward(ones, true).get("dropout1").dup().data().asFloat();
    INDArray inferred = graph.feedForward(ones, false).get("dropout1");

    int dropped = 0;
    for (float value : trained) {
      assertThat(value).isIn(0f, 1.25f);
      dropped += value == 0 ? 1 : 0;
    }
    // 40,000 draws: five standard deviations are 400.
    assertThat(dropped).isBetween(7_600, 8_400);
    assertThat(inferred).isEqualTo(ones);
  }

  @Test
  void shouldPutOutProbabilities() {
    ComputationGraph graph = Networks.graph(Networks.zoo("cifar-net"), Networks.CIFAR);

    INDArray output = graph.outputSingle(Networks.pixels(3, Networks.CIFAR, 1));

    assertThat(output.shape()).containsExactly(3, 10);
    assertThat(output.sum(1).toDoubleVector())
        .containsExactly(new double[] {1, 1, 1}, within(1e-6));
  }

  @Test
  void shouldExplainAKernelThatDoesNotFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Networks.configuration(
                    Networks.layers(
                        2,
                        Networks.conv(4, 3, 1, 0),
                        new LayerSpec.Pool(PoolKind.MAX, 2, 2, 0),
                        Networks.conv(8, 5, 2, 1)),
                    new InputShape(3, 12, 6)))
        .withMessageContaining("layer conv2 (layers[2])")
        .withMessageContaining("kernel 5 (stride 2, padding 1) does not fit the input of 5x2")
        .withMessageContaining("kernel <= size + 2 * padding")
        .withMessageContaining("4 channels of 5x2");
  }

  @Test
  void shouldRefuseImpossibleLayersByName() {
    assertRefused(
        "conv1 (layers[0]): filters must be at least 1, but is 0", Networks.conv(0, 1, 1, 0));
    assertRefused("conv1 (layers[0]): kernel must be at least 1", Networks.conv(1, 0, 1, 0));
    assertRefused("conv1 (layers[0]): stride must be at least 1", Networks.conv(1, 1, 0, 0));
    assertRefused("conv1 (layers[0]): padding must not be negative", Networks.conv(1, 1, 1, -1));
    assertRefused(
        "pool1 (layers[0]): padding must be smaller than the kernel",
        new LayerSpec.Pool(PoolKind.MAX, 2, 2, 2));
    assertRefused("pool1 (layers[0]): kernel 7", new LayerSpec.Pool(PoolKind.MAX, 7, 2, 0));
    assertRefused("dense1 (layers[0]): units must be at least 1", Networks.dense(0));
    assertRefused("dropout1 (layers[0]): probability", new LayerSpec.Dropout(1));
    assertRefused("batchnorm1 (layers[0]): epsilon", new LayerSpec.BatchNorm(0, 0.9));
    assertRefused("batchnorm1 (layers[0]): decay", new LayerSpec.BatchNorm(1e-5, 1));
  }

  @Test
  void shouldRefuseImageLayersAfterAVector() {
    List<LayerSpec> imageLayers =
        List.of(
            Networks.conv(1, 1, 1, 0),
            new LayerSpec.Pool(PoolKind.MAX, 1, 1, 0),
            new LayerSpec.GlobalAveragePool(),
            new LayerSpec.Scale(2));
    for (LayerSpec layer : imageLayers) {
      assertRefused("(layers[1]): it needs an image", Networks.dense(9), layer);
      assertRefused("a vector of 2", new LayerSpec.GlobalAveragePool(), layer);
    }
  }

  @Test
  void shouldRefuseAnActivationThatWouldOverwriteTheCallersImages() {
    LayerSpec relu = new LayerSpec.Activation(ActivationKind.RELU);

    assertRefused("activation1 (layers[0]): an activation cannot come first", relu);
    assertRefused(
        "activation1 (layers[1]): an activation cannot come first",
        new LayerSpec.Dropout(0.5),
        relu);
  }

  private static void assertRefused(String message, LayerSpec... layers) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Networks.configuration(Networks.layers(2, layers), SMALL))
        .withMessageContaining(message);
  }

  @Test
  void shouldRefuseContradictoryNetworks() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Networks.configuration(
                    new NetworkSpec(
                        List.of(),
                        Optional.of("cifar-net"),
                        List.of(Networks.dense(3)),
                        10,
                        NetworkSpec.Init.HE),
                    Networks.CIFAR))
        .withMessageContaining("zoo=\"cifar-net\" and 1 layers");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Networks.configuration(Networks.layers(1), SMALL))
        .withMessageContaining("at least 2 classes, but classes=1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new InputShape(3, 0, 32))
        .withMessageContaining("height=0");
  }
}
