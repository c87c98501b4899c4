package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Each layer between two convolutions, so that its gradient flows on: the first one's gradient is
 * right only if the layer's gradient with respect to its input is.
 */
class CompiledLayersTest {
  private static final double TOLERANCE = 1e-5;
  private static final int CHANNELS = 5;
  private static final int HEIGHT = 9;
  private static final int WIDTH = 11;

  @ParameterizedTest(name = "{0}")
  @MethodSource({"convolutions", "deconvolutions", "poolings", "normalizations", "others"})
  void shouldComputeLikeDl4jInDoublePrecision(String name, Layer layer) {
    for (int batch : new int[] {1, 4, 7}) {
      var truth = DoubleTruth.of(around(layer).build(), 7);
      truth.assertSame(batch(batch), TOLERANCE);
    }
  }

  /** DL4J's own gradient takes the scale of the wrong channel, which a large alpha shows. */
  @Test
  void shouldDifferentiateResponseNormalization() {
    var layer = new LocalResponseNormalization.Builder(2, 0.3, 0.6).n(4).build();
    var truth = DoubleTruth.of(around(layer).build(), 7);
    var batch = batch(3);
    try (var compiled = new CompiledComputation(truth.graph(), Precision.FP32)) {
      compiled.computeGradient(batch, GradientListener.NONE);
    }
    for (int parameter = 0; parameter < 140; parameter += 9) {
      assertThat(truth.graph().getFlattenedGradients().getDouble(parameter))
          .as("derivative with respect to parameter %d of the layer before", parameter)
          .isCloseTo(truth.derivative(batch, parameter), within(1e-4));
    }
  }

  /** DL4J's own kernel errs with a single channel, of which it is an ordinary convolution. */
  @Test
  void shouldSplitASingleChannel() {
    var split =
        gray(new DepthwiseConvolution2D.Builder(3, 2).depthMultiplier(4).stride(2, 1).build());
    var truth =
        gray(new ConvolutionLayer.Builder(3, 2).nOut(4).stride(2, 1).build())
            .convertDataType(DataType.DOUBLE);
    truth.getLayer("layer").getParam("W").assign(ordinary(split.getLayer("layer").getParam("W")));
    truth.getLayer("out").setParams(split.getLayer("out").params().castTo(DataType.DOUBLE));
    var features = Nd4j.randn(DataType.FLOAT, 3, 1, HEIGHT, WIDTH);
    var batch = new MultiDataSet(features, batch(3).getLabels(0));
    var expectedLoss = new PlainDl4j(truth).computeGradient(batch);
    try (var compiled = new CompiledComputation(split, Precision.FP32)) {
      var loss = compiled.computeGradient(batch, GradientListener.NONE);

      assertThat(loss).isCloseTo(expectedLoss, within(TOLERANCE * expectedLoss));
    }
    var gradient = gradient(split, "W");
    var expected = gradient(truth, "W");
    assertThat(ordinary(gradient).sub(expected).norm2Number().doubleValue())
        .isLessThan(TOLERANCE * expected.norm2Number().doubleValue());
  }

  /** From [h, w, 1, out] to [out, 1, h, w]. */
  private static INDArray ordinary(INDArray depthwise) {
    return depthwise.permute(3, 2, 0, 1).castTo(DataType.DOUBLE);
  }

  private static INDArray gradient(ComputationGraph graph, String parameter) {
    var layer = graph.getLayer("layer");
    return layer
        .conf()
        .getLayer()
        .initializer()
        .getGradientsFromFlattened(layer.conf(), layer.getGradientsViewArray())
        .get(parameter);
  }

  private static ComputationGraph gray(Layer layer) {
    return SampleNetworks.graph(
        SampleNetworks.start()
            .addInputs("in")
            .setInputTypes(InputType.convolutional(HEIGHT, WIDTH, 1))
            .addLayer("layer", layer, "in")
            .addLayer(
                "out", SampleNetworks.output(LossFunction.MCXENT, Activation.SOFTMAX, 4), "layer")
            .setOutputs("out")
            .build());
  }

  static Stream<Arguments> convolutions() {
    List<Arguments> cases = new ArrayList<>();
    int[][] kernels = {{1, 2}, {3, 3}, {5, 5}, {2, 3}};
    int[][] strides = {{1, 1}, {2, 2}, {2, 3}};
    for (var mode : List.of(ConvolutionMode.Same, ConvolutionMode.Truncate)) {
      for (var kernel : kernels) {
        for (var stride : strides) {
          for (int dilation : new int[] {1, 2}) {
            for (int padding : mode == ConvolutionMode.Same ? new int[] {0} : new int[] {0, 2}) {
              boolean bias = (kernel[0] + stride[0]) % 2 == 0;
              var layer =
                  new ConvolutionLayer.Builder(kernel, stride, new int[] {padding, padding / 2})
                      .dilation(dilation, dilation)
                      .convolutionMode(mode)
                      .nOut(6)
                      .hasBias(bias)
                      .activation(bias ? Activation.RELU : Activation.IDENTITY)
                      .build();
              cases.add(
                  arguments(
                      "%s %dx%d stride %dx%d dilation %d padding %d %s"
                          .formatted(
                              mode,
                              kernel[0],
                              kernel[1],
                              stride[0],
                              stride[1],
                              dilation,
                              padding,
                              bias ? "bias" : "no bias"),
                      layer));
            }
          }
        }
      }
    }
    for (int multiplier : new int[] {1, 3}) {
      cases.add(
          arguments(
              "depthwise " + multiplier,
              new DepthwiseConvolution2D.Builder(3, 3)
                  .depthMultiplier(multiplier)
                  .nOut(CHANNELS * multiplier)
                  .convolutionMode(ConvolutionMode.Same)
                  .activation(Activation.TANH)
                  .build()));
      cases.add(
          arguments(
              "separable " + multiplier,
              new SeparableConvolution2D.Builder(3, 2)
                  .depthMultiplier(multiplier)
                  .stride(2, 1)
                  .nOut(7)
                  .build()));
    }
    return cases.stream();
  }

  static Stream<Arguments> deconvolutions() {
    List<Arguments> cases = new ArrayList<>();
    for (var mode : List.of(ConvolutionMode.Same, ConvolutionMode.Truncate)) {
      for (int kernel : new int[] {2, 3, 4}) {
        for (int stride : new int[] {1, 2}) {
          cases.add(
              arguments(
                  "%s transposed %d stride %d".formatted(mode, kernel, stride),
                  new Deconvolution2D.Builder(kernel, kernel)
                      .stride(stride, stride)
                      .convolutionMode(mode)
                      .nOut(3)
                      .hasBias(stride == 2)
                      .activation(Activation.ELU)
                      .build()));
        }
      }
    }
    return cases.stream();
  }

  static Stream<Arguments> poolings() {
    List<Arguments> cases = new ArrayList<>();
    for (var type : List.of(PoolingType.MAX, PoolingType.AVG)) {
      for (var mode : List.of(ConvolutionMode.Same, ConvolutionMode.Truncate)) {
        for (int kernel : new int[] {2, 3}) {
          for (int stride : new int[] {1, 2}) {
            for (int padding : mode == ConvolutionMode.Same ? new int[] {0} : new int[] {0, 1}) {
              for (boolean inDivisor : new boolean[] {false, true}) {
                cases.add(
                    arguments(
                        "%s %s %d stride %d padding %d %s"
                            .formatted(type, mode, kernel, stride, padding, inDivisor),
                        new SubsamplingLayer.Builder(type)
                            .kernelSize(kernel, kernel)
                            .stride(stride, stride)
                            .padding(padding, padding)
                            .convolutionMode(mode)
                            .avgPoolIncludePadInDivisor(inDivisor)
                            .build()));
              }
            }
          }
        }
      }
      cases.add(arguments("global " + type, new GlobalPoolingLayer(type)));
    }
    cases.add(arguments("global SUM in DL4J", new GlobalPoolingLayer(PoolingType.SUM)));
    return cases.stream();
  }

  static Stream<Arguments> normalizations() {
    return Stream.of(
        arguments("batch normalisation", new BatchNormalization.Builder().build()),
        arguments(
            "batch normalisation with variance",
            new BatchNormalization.Builder().useLogStd(false).decay(0.7).eps(1e-3).build()),
        arguments(
            "batch normalisation, locked",
            new BatchNormalization.Builder().lockGammaBeta(true).gamma(1.5).beta(0.25).build()),
        arguments("LRN", new LocalResponseNormalization.Builder().build()));
  }

  static Stream<Arguments> others() {
    List<Arguments> cases = new ArrayList<>();
    for (var activation :
        List.of(
            Activation.RELU,
            Activation.RELU6,
            Activation.LEAKYRELU,
            Activation.ELU,
            Activation.TANH,
            Activation.SIGMOID,
            Activation.SOFTPLUS,
            Activation.SWISH,
            Activation.GELU,
            Activation.SELU,
            Activation.IDENTITY)) {
      cases.add(arguments("activation " + activation, new ActivationLayer(activation)));
    }
    cases.add(
        arguments("dense", new DenseLayer.Builder().nOut(13).activation(Activation.RELU).build()));
    cases.add(
        arguments(
            "dense, no bias",
            new DenseLayer.Builder().nOut(13).hasBias(false).activation(Activation.TANH).build()));
    cases.add(arguments("upsampling", new Upsampling2D.Builder().size(new int[] {2, 3}).build()));
    cases.add(arguments("zero padding", new ZeroPaddingLayer(1, 2, 0, 3)));
    cases.add(arguments("cropping", new Cropping2D(1, 2, 0, 3)));
    return cases.stream();
  }

  static GraphBuilder around(Layer layer) {
    return new NeuralNetConfiguration.Builder()
        .seed(1)
        .dataType(DataType.FLOAT)
        .updater(new Sgd(0.1))
        .l2(1e-3)
        .graphBuilder()
        .addInputs("in")
        .setInputTypes(InputType.convolutional(HEIGHT, WIDTH, 3))
        .addLayer(
            "before",
            new ConvolutionLayer.Builder(3, 3)
                .convolutionMode(ConvolutionMode.Same)
                .nOut(CHANNELS)
                .activation(Activation.IDENTITY)
                .build(),
            "in")
        .addLayer("layer", layer, "before")
        .addLayer(
            "out",
            new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(4)
                .activation(Activation.SOFTMAX)
                .build(),
            "layer")
        .setOutputs("out");
  }

  static MultiDataSet batch(int count) {
    Nd4j.getRandom().setSeed(count);
    var labels = Nd4j.zeros(DataType.FLOAT, count, 4);
    for (int i = 0; i < count; i++) {
      labels.putScalar(i, i % 4, 1);
    }
    var features = Nd4j.randn(DataType.FLOAT, count, 3, HEIGHT, WIDTH);
    return new MultiDataSet(features, labels);
  }
}
