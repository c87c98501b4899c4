package org.murmuration.worker.accel.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;

class HelpersTest {
  private static final int CLASSES = 4;
  private static final InputType IMAGE = InputType.convolutional(12, 11, 3);

  private static ConvolutionLayer.Builder conv(int... kernel) {
    return new ConvolutionLayer.Builder(kernel).nOut(6).activation(Activation.TANH);
  }

  static Stream<Named<Layer>> unsuited() {
    return Stream.of(
        Named.of("dilated convolution", conv(3, 3).dilation(2, 2).build()),
        Named.of(
            "dilated convolution of mode Same",
            conv(3, 3).dilation(2, 1).convolutionMode(ConvolutionMode.Same).build()),
        Named.of("deconvolution", new Deconvolution2D.Builder(3, 3).nOut(6).build()),
        Named.of("depthwise", new DepthwiseConvolution2D.Builder(3, 3).depthMultiplier(2).build()),
        Named.of("pooling", new SubsamplingLayer.Builder().kernelSize(2, 2).build()),
        Named.of("locked", new BatchNormalization.Builder().lockGammaBeta(true).build()));
  }

  /** What DL4J does then is right. */
  @ParameterizedTest
  @MethodSource("unsuited")
  void shouldLeaveAloneWhatThePlatformDoesNotSuit(Layer layer) {
    var twins = Twins.of(layer, IMAGE);

    assertThat(twins.helped().getHelper()).isNull();
    var random = new Random(1);
    twins.shouldAgree(Twins.random(random, 3, 3, 12, 11), random, Memory.ROW_ORDER);
  }

  /** With any helper, DL4J would keep the first step's noise for good. */
  @Test
  void shouldLeaveNoisyWeightsAlone() {
    var twins = Twins.of(conv(3, 3).weightNoise(new DropConnect(0.5)).build(), IMAGE);

    assertThat(twins.helped().getHelper()).isNull();
  }

  @Test
  void shouldLeaveChannelsLastAlone() {
    var twins =
        Twins.of(
            conv(3, 3).dataFormat(CNN2DFormat.NHWC).build(),
            InputType.convolutional(12, 11, 3, CNN2DFormat.NHWC));

    assertThat(twins.helped().getHelper()).isNull();
  }

  @Test
  void shouldLeaveDoublePrecisionAlone() {
    var graph = graph(DataType.DOUBLE);

    Helpers.install(graph);

    assertThat(graph.getLayers()).allMatch(layer -> layer.getHelper() == null);
  }

  @Test
  void shouldHelpANetworkThatIsNoGraph() {
    var network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(conv(3, 3).build())
                .layer(new BatchNormalization())
                .layer(new OutputLayer.Builder().nOut(CLASSES).build())
                .setInputType(IMAGE)
                .build());
    network.init();

    Helpers.install(network);

    assertThat(network.getLayer(0).getHelper()).isInstanceOf(ConvolutionByOps.class);
    assertThat(network.getLayer(1).getHelper()).isInstanceOf(BatchNormByOps.class);
    assertThat(network.getLayer(2).getHelper()).isNull();
  }

  private static ComputationGraphConfiguration configuration(DataType dataType) {
    return new NeuralNetConfiguration.Builder()
        .dataType(dataType)
        .updater(new Nesterovs(0.05, 0.9))
        .l2(1e-3)
        .graphBuilder()
        .addInputs("image")
        .setInputTypes(IMAGE)
        .addLayer("conv1", conv(5, 3).stride(1, 2).padding(2, 1).build(), "image")
        .addLayer("norm1", new BatchNormalization.Builder().useLogStd(false).build(), "conv1")
        .addLayer(
            "left",
            conv(3, 3).hasBias(false).convolutionMode(ConvolutionMode.Same).build(),
            "norm1")
        .addLayer("right", conv(1, 1).build(), "norm1")
        .addVertex("merge", new MergeVertex(), "left", "right")
        .addLayer("lrn", new LocalResponseNormalization.Builder().build(), "merge")
        .addLayer(
            "pool", new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build(), "lrn")
        .addLayer(
            "output",
            new OutputLayer.Builder().nOut(CLASSES).activation(Activation.SOFTMAX).build(),
            "pool")
        .setOutputs("output")
        .build();
  }

  private static ComputationGraph graph(DataType dataType) {
    var graph = new ComputationGraph(configuration(dataType));
    graph.init();
    return graph;
  }

  @Test
  void shouldTrainANetworkAsDl4jDoesInDoublePrecision() {
    var helped = graph(DataType.FLOAT);
    var truth = graph(DataType.DOUBLE);
    truth.setParams(helped.params().castTo(DataType.DOUBLE));
    Helpers.install(helped);
    var random = new Random(9);

    for (int samples : new int[] {7, 4}) {
      var images = Twins.random(random, samples, 3, 12, 11);
      helped.fit(new DataSet(images.castTo(DataType.FLOAT), labels(samples, DataType.FLOAT)));
      truth.fit(new DataSet(images, labels(samples, DataType.DOUBLE)));

      Twins.assertClose("gradient", helped.getFlattenedGradients(), truth.getFlattenedGradients());
      Twins.assertClose("parameters", helped.params(), truth.params());
      assertThat(Math.abs(helped.score() / truth.score() - 1)).isLessThan(Twins.LIMIT);
    }
    var images = Twins.random(random, 5, 3, 12, 11);
    Twins.assertClose(
        "predictions",
        helped.outputSingle(images.castTo(DataType.FLOAT)),
        truth.outputSingle(images));
    assertThat(Stream.of(helped.getLayers()).filter(layer -> layer.getHelper() != null).count())
        .isEqualTo(5);
  }

  private static INDArray labels(int samples, DataType dataType) {
    var labels = Nd4j.zeros(dataType, samples, CLASSES);
    for (int i = 0; i < samples; i++) {
      labels.putScalar(i, i % CLASSES, 1);
    }
    return labels;
  }
}
