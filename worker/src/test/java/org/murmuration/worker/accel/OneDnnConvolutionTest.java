package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.accel.helper.Helpers;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** DL4J's convolution through oneDNN, against the definition. */
@ExtendWith(PreparedBackend.class)
class OneDnnConvolutionTest {
  private static final double LIMIT = 1e-5;
  private static final LayerWorkspaceMgr NO_WORKSPACES = LayerWorkspaceMgr.noWorkspaces();

  @BeforeEach
  void needsOneDnn() {
    assumeTrue(NativeBackend.info().oneDnn(), "this processor has no AVX2");
  }

  private static ComputationGraph graph(ReferenceConvolution shape) {
    var graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .graphBuilder()
                .addInputs("image")
                .setInputTypes(InputType.convolutional(shape.size, shape.size, shape.channels))
                .addLayer(
                    "conv",
                    new ConvolutionLayer.Builder(shape.kernel, shape.kernel)
                        .stride(shape.stride, shape.stride)
                        .padding(shape.padding, shape.padding)
                        .nOut(shape.filters)
                        .activation(Activation.IDENTITY)
                        .build(),
                    "image")
                .addLayer("output", new OutputLayer.Builder().nOut(2).build(), "conv")
                .setOutputs("output")
                .build());
    graph.init();
    Helpers.install(graph);
    graph.initGradientsView();
    return graph;
  }

  private static double[] random(int length, long seed) {
    return new Random(seed).doubles(length, -1, 1).map(value -> (float) value).toArray();
  }

  private static INDArray floats(double[] values, long... shape) {
    return Nd4j.createFromArray(values).castTo(DataType.FLOAT).reshape('c', shape);
  }

  private static double[] doubles(INDArray array) {
    return array.castTo(DataType.DOUBLE).dup('c').data().asDouble();
  }

  /** The first two are the reference network's convolutions. */
  @ParameterizedTest
  @CsvSource({
    "2, 3, 32, 6, 5, 1, 0",
    "3, 6, 14, 16, 5, 1, 0",
    "2, 5, 9, 7, 3, 1, 1",
    "2, 16, 11, 32, 3, 2, 1",
    "1, 8, 8, 4, 1, 1, 0"
  })
  void shouldComputeOutputsAndGradientsByTheDefinition(
      int samples, int channels, int size, int filters, int kernel, int stride, int padding)
      throws ReflectiveOperationException {
    var reference =
        new ReferenceConvolution(samples, channels, size, filters, kernel, stride, padding);
    var outputSize = reference.outputSize();
    var inputs = random(samples * channels * size * size, 1);
    var weights = random(filters * channels * kernel * kernel, 2);
    var biases = random(filters, 3);
    var outputGradients = random(samples * filters * outputSize * outputSize, 4);
    var layer = graph(reference).getLayer("conv");
    layer.setParam("W", floats(weights, filters, channels, kernel, kernel));
    layer.setParam("b", floats(biases, 1, filters));

    layer.setInput(floats(inputs, samples, channels, size, size), NO_WORKSPACES);
    var outputs = layer.activate(true, NO_WORKSPACES);
    var back =
        layer.backpropGradient(
            floats(outputGradients, samples, filters, outputSize, outputSize), NO_WORKSPACES);

    assertClose("outputs", outputs, reference.outputs(inputs, weights, biases));
    var gradients = back.getFirst();
    assertClose(
        "gradients of weights",
        gradients.getGradientFor("W"),
        reference.weightGradients(inputs, outputGradients));
    assertClose(
        "gradients of biases",
        gradients.getGradientFor("b"),
        reference.biasGradients(outputGradients));
    assertClose(
        "gradients of inputs",
        back.getSecond(),
        reference.inputGradients(weights, outputGradients));
    assertThat(layer.getHelper()).isNotNull();
    assertNeverFellBack(layer);
  }

  /** DL4J goes on without the helper, ten times slower, when the helper throws. */
  private static void assertNeverFellBack(Object layer) throws ReflectiveOperationException {
    var failures =
        org.deeplearning4j.nn.layers.convolution.ConvolutionLayer.class.getDeclaredField(
            "helperCountFail");
    failures.setAccessible(true);
    assertThat(failures.getInt(layer)).isZero();
  }

  private static void assertClose(String what, INDArray actual, double[] expected) {
    var values = doubles(actual);
    assertThat(values).hasSameSizeAs(expected);
    double largestDifference = 0;
    double largest = 0;
    for (int i = 0; i < values.length; i++) {
      largestDifference = Math.max(largestDifference, Math.abs(values[i] - expected[i]));
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    assertThat(largestDifference / largest)
        .as("%s: largest difference %.3g by largest value", what, largestDifference / largest)
        .isLessThan(LIMIT);
  }
}
