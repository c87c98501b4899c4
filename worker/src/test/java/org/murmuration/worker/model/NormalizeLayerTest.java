package org.murmuration.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class NormalizeLayerTest {
  private static final InputShape SMALL = new InputShape(3, 5, 4);
  private static final float[] MEAN = {125.307f, 122.95f, 113.865f};
  private static final float[] STD = {62.9932f, 62.0887f, 66.7048f};

  private static INDArray normalized(INDArray images, LayerSpec... preprocessing) {
    NetworkSpec network =
        new NetworkSpec(
            List.of(preprocessing), Optional.empty(), List.of(), 2, NetworkSpec.Init.PYTORCH);
    ComputationGraph graph = Networks.graph(network, SMALL);
    String last = preprocessing[preprocessing.length - 1].typeName() + "1";
    return graph.feedForward(images, false).get(last);
  }

  @Test
  void shouldRoundAsSubtractionThenDivisionInFloat() {
    INDArray images = Networks.pixels(7, SMALL, 1);

    INDArray output = normalized(images, Networks.CIFAR_NORMALIZE);

    for (int n = 0; n < 7; n++) {
      for (int c = 0; c < 3; c++) {
        for (int y = 0; y < 5; y++) {
          for (int x = 0; x < 4; x++) {
            float expected = (images.getFloat(n, c, y, x) - MEAN[c]) / STD[c];
            assertThat(output.getFloat(n, c, y, x)).isEqualTo(expected);
          }
        }
      }
    }
  }

  @Test
  void shouldScaleEveryByteAsFloatDivisionDoes() {
    INDArray images = Nd4j.arange(0, 240).castTo(DataType.FLOAT).reshape('c', 4, 3, 5, 4);

    INDArray output = normalized(images, new LayerSpec.Scale(255));

    for (int i = 0; i < 240; i++) {
      assertThat(output.getFloat(i)).isEqualTo(i / 255f);
    }
  }

  @Test
  void shouldServeAllChannelsWithOneValueAndFollowOtherPreprocessing() {
    INDArray images = Networks.pixels(1, SMALL, 2);

    INDArray output =
        normalized(
            images, new LayerSpec.Scale(255), new LayerSpec.Normalize(List.of(0.5), List.of(0.25)));

    for (int i = 0; i < images.length(); i++) {
      assertThat(output.getFloat(i)).isEqualTo((images.getFloat(i) / 255f - 0.5f) / 0.25f);
    }
  }

  @Test
  void shouldReadUnsignedBytes() {
    INDArray images = Networks.pixels(2, SMALL, 3);

    INDArray output = normalized(images.castTo(DataType.UINT8), Networks.CIFAR_NORMALIZE);

    assertThat(output).isEqualTo(normalized(images, Networks.CIFAR_NORMALIZE));
  }

  /** All bytes in all channels, written as bytes; those above 127 are negative to Java. */
  @Test
  void shouldReadEveryUnsignedByteExactly() {
    InputShape shape = new InputShape(3, 16, 16);
    INDArray images = Nd4j.createUninitialized(DataType.UINT8, 2, 3, 16, 16);
    ByteBuffer bytes = images.data().asNio();
    for (int i = 0; i < images.length(); i++) {
      bytes.put(i, (byte) i);
    }
    ComputationGraph graph =
        Networks.graph(
            new NetworkSpec(
                List.of(Networks.CIFAR_NORMALIZE),
                Optional.empty(),
                List.of(),
                2,
                NetworkSpec.Init.PYTORCH),
            shape);

    INDArray output = graph.feedForward(images, false).get("normalize1");

    for (int n = 0; n < 2; n++) {
      for (int c = 0; c < 3; c++) {
        for (int value = 0; value < 256; value++) {
          assertThat(output.getFloat(n, c, value / 16, value % 16))
              .isEqualTo((value - MEAN[c]) / STD[c]);
        }
      }
    }
  }

  @Test
  void shouldLeaveTheCallersImagesAloneInTrainingAndInference() {
    ComputationGraph graph =
        Networks.graph(Networks.zoo("cifar-net", Networks.CIFAR_NORMALIZE), Networks.CIFAR);
    INDArray images = Networks.pixels(4, Networks.CIFAR, 4);
    INDArray before = images.dup();

    graph.outputSingle(images);
    graph.fit(new DataSet(images, Networks.labels(4, 10)));
    graph.fit(new DataSet(images, Networks.labels(4, 10)));

    assertThat(images).isEqualTo(before);
  }

  /** Central differences of the loss by every weight that lies before the layer. */
  @Test
  void shouldPassGradientsThatNumericalDifferencesConfirm() {
    DataType precision = Nd4j.dataType();
    Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
    try {
      ComputationGraph graph =
          Networks.graph(
              doublePrecision(new NormalizeLayer(new double[] {0.3, -2}, new double[] {0.25, 3})));
      INDArray images = Nd4j.linspace(DataType.DOUBLE, -1, 0.06, 30).reshape('c', 1, 1, 6, 5);

      boolean right =
          GradientCheckUtil.checkGradients(
              new GradientCheckUtil.GraphConfig()
                  .net(graph)
                  .inputs(new INDArray[] {images})
                  .labels(new INDArray[] {Networks.labels(1, 3).castTo(DataType.DOUBLE)})
                  .maxRelError(1e-5));

      assertThat(right).isTrue();
    } finally {
      Nd4j.setDefaultDataTypes(precision, precision);
    }
  }

  private static ComputationGraphConfiguration doublePrecision(NormalizeLayer layer) {
    return new NeuralNetConfiguration.Builder()
        .seed(5)
        .dataType(DataType.DOUBLE)
        .updater(new NoOp())
        .graphBuilder()
        .addInputs("image")
        .setInputTypes(InputType.convolutional(6, 5, 1))
        .addLayer(
            "conv",
            new ConvolutionLayer.Builder(3, 3).nOut(2).activation(Activation.TANH).build(),
            "image")
        .addLayer("normalize", layer, "conv")
        .addLayer(
            "output",
            new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build(),
            "normalize")
        .setOutputs("output")
        .build();
  }

  @Test
  void shouldDivideTheGradientByStdOfItsChannel() {
    ComputationGraph graph =
        Networks.graph(
            Networks.layers(
                2,
                Networks.conv(3, 1, 1, 0),
                new LayerSpec.Normalize(List.of(1.0, 2.0, 3.0), List.of(2.0, 4.0, 8.0))),
            SMALL);
    INDArray epsilon = Nd4j.ones(DataType.FLOAT, 2, 3, 5, 4);
    graph.feedForward(new INDArray[] {Networks.pixels(2, SMALL, 6)}, true, false);

    INDArray gradient =
        graph
            .getLayer("normalize1")
            .backpropGradient(epsilon, LayerWorkspaceMgr.noWorkspaces())
            .getSecond();

    assertThat(gradient.mean(0, 2, 3).toDoubleVector()).containsExactly(0.5, 0.25, 0.125);
    assertThat(epsilon.sumNumber().doubleValue()).isEqualTo(120);
  }

  @Test
  void shouldSurviveSavingWithTheModel(@TempDir Path folder) throws IOException {
    ComputationGraph graph =
        Networks.graph(
            Networks.zoo("cifar-net", new LayerSpec.Scale(255), Networks.CIFAR_NORMALIZE),
            Networks.CIFAR);
    File file = folder.resolve("model.zip").toFile();
    INDArray images = Networks.pixels(5, Networks.CIFAR, 7);

    ModelSerializer.writeModel(graph, file, true);
    ComputationGraph restored = ModelSerializer.restoreComputationGraph(file);

    assertThat(restored.outputSingle(images)).isEqualTo(graph.outputSingle(images));
    assertThat(restored.getConfiguration()).isEqualTo(graph.getConfiguration());
  }

  @Test
  void shouldCompareByValueAndCloneEqual() {
    NormalizeLayer layer = new NormalizeLayer(new double[] {1, 2}, new double[] {3, 4});
    layer.setLayerName("a");
    NormalizeLayer clone = layer.clone();

    assertThat(clone).isEqualTo(layer).hasSameHashCodeAs(layer).isNotSameAs(layer);
    clone.setLayerName("b");
    assertThat(clone).isNotEqualTo(layer);
    assertThat(layer.getLayerName()).isEqualTo("a");
    assertThat(new NormalizeLayer(new double[] {1, 2}, new double[] {3, 4}))
        .isNotEqualTo(new NormalizeLayer(new double[] {1, 2}, new double[] {3, 5}))
        .isNotEqualTo(new NormalizeLayer(new double[] {1, 0}, new double[] {3, 4}));
  }

  @Test
  void shouldNotBeChangedThroughItsArrays() {
    double[] mean = {1};
    NormalizeLayer layer = new NormalizeLayer(mean, new double[] {2});

    mean[0] = 9;
    layer.std()[0] = 9;

    assertThat(layer.mean()).containsExactly(1);
    assertThat(layer.std()).containsExactly(2);
  }

  @Test
  void shouldNameBothNumbersOfChannelsWhenTheyDiffer() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                normalized(
                    Networks.pixels(1, SMALL, 8),
                    new LayerSpec.Normalize(List.of(0.5, 0.5), List.of(1.0))))
        .withMessageContaining("normalize1")
        .withMessageContaining("preprocessing[0]")
        .withMessageContaining("mean has 2 values for 3 channels");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> doublePrecision(new NormalizeLayer(new double[3], new double[] {1, 1, 1})))
        .withMessageContaining("normalizes 3 channels, but its input has 2");
  }

  @Test
  void shouldRefuseImagesOfOtherChannelsWhenRunning() {
    assertThatThrownBy(
            () ->
                normalized(
                    Networks.pixels(1, new InputShape(1, 5, 4), 9), Networks.CIFAR_NORMALIZE))
        .hasStackTraceContaining("normalizes 3 channels, but its input has 1");
  }

  @Test
  void shouldRefuseDivisorsThatDivideNothing() {
    assertDivisorRefused(0, "divisor must be > 0, but is 0.0");
    assertDivisorRefused(-1, "divisor must be > 0, but is -1.0");
    assertDivisorRefused(Double.NaN, "divisor must be finite, but is NaN");
    assertDivisorRefused(Double.POSITIVE_INFINITY, "divisor must be finite, but is Infinity");
  }

  private static void assertDivisorRefused(double divisor, String message) {
    INDArray images = Networks.pixels(1, SMALL, 10);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> normalized(images, new LayerSpec.Scale(divisor)))
        .withMessageContaining("scale1")
        .withMessageContaining(message);
  }
}
