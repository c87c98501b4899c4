package org.murmuration.worker.accel;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.model.InputShape;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.NetworkBuilder;
import org.murmuration.worker.model.NetworkSpec;
import org.murmuration.worker.model.NetworkSpec.Init;
import org.murmuration.worker.model.OptimizerSpec;
import org.murmuration.worker.model.ParameterInit;
import org.murmuration.worker.model.ScheduleSpec;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Whole networks, small enough to be computed in double precision. */
final class SampleNetworks {
  static final int CLASSES = 10;
  static final int PIXEL_CLASSES = 3;

  /** The side of the UNet's and the branching network's images. */
  static final int SIZE = 16;

  /** The numbers that the branching network reads beside its image. */
  static final int NUMBERS = 5;

  private static final double LEARNING_RATE = 1e-3;
  private static final double MOMENTUM = 0.9;

  private SampleNetworks() {}

  /** A network of the zoo for square images of bytes. */
  static ComputationGraph zoo(String name, int size) {
    var normalize =
        new LayerSpec.Normalize(List.of(125.3, 122.9, 113.9), List.of(63.0, 62.1, 66.7));
    var network =
        new NetworkSpec(List.of(normalize), Optional.of(name), List.of(), CLASSES, Init.HE);
    var schedule = new ScheduleSpec(ScheduleSpec.Shape.CONSTANT, 0, 1, 1, 0);
    var optimizer =
        new OptimizerSpec(
            OptimizerSpec.Kind.MOMENTUM,
            LEARNING_RATE,
            MOMENTUM,
            0.9,
            0.999,
            1e-8,
            1e-3,
            1,
            schedule);
    var graph =
        graph(NetworkBuilder.build(network, optimizer, new InputShape(3, size, size), 100, 1));
    ParameterInit.apply(graph, Init.HE, 5);
    return graph;
  }

  /**
   * Two levels of Ronneberger et al. 2015, with a class for each pixel, whose losses are added up.
   *
   * @param transposed whether it grows by transposed convolutions or by repeating pixels
   */
  static ComputationGraph unet(boolean transposed, LossFunction loss, Activation activation) {
    var up =
        transposed
            ? new Deconvolution2D.Builder(2, 2)
                .stride(2, 2)
                .nOut(6)
                .activation(Activation.RELU)
                .build()
            : new Upsampling2D.Builder().size(2).build();
    return graph(
        common(10 * LEARNING_RATE / (SIZE * SIZE))
            .graphBuilder()
            .addInputs("image")
            .setInputTypes(InputType.convolutional(SIZE, SIZE, 3))
            .addLayer("down1", conv(6, 3), "image")
            .addLayer("pool1", maxPool(), "down1")
            .addLayer("down2", conv(8, 3), "pool1")
            .addLayer("norm2", new BatchNormalization(), "down2")
            .addLayer("pool2", maxPool(), "norm2")
            .addLayer("bottom", conv(12, 3), "pool2")
            .addLayer("up2", up, "bottom")
            .addVertex("skip2", new MergeVertex(), "up2", "norm2")
            .addLayer("join2", conv(8, 3), "skip2")
            .addLayer("up1", up.clone(), "join2")
            .addVertex("skip1", new MergeVertex(), "up1", "down1")
            .addLayer("join1", conv(6, 3), "skip1")
            .addLayer("logits", linear(PIXEL_CLASSES), "join1")
            .addLayer(
                "pixels", new CnnLossLayer.Builder(loss).activation(activation).build(), "logits")
            .setOutputs("pixels")
            .build());
  }

  /** Everything that branches can be joined by, two inputs, and two outputs with two losses. */
  static ComputationGraph branches() {
    return graph(
        start()
            .addInputs("image", "numbers")
            .setInputTypes(InputType.convolutional(SIZE, SIZE, 3), InputType.feedForward(NUMBERS))
            .addLayer("stem", conv(8, 3), "image")
            .addLayer("one", conv(8, 1), "stem")
            .addLayer("three", conv(8, 3), "stem")
            .addLayer("five", linear(8), "stem")
            .addVertex("add", new ElementWiseVertex(Op.Add), "one", "three", "five")
            .addVertex("average", new ElementWiseVertex(Op.Average), "add", "stem")
            .addVertex("subtract", new ElementWiseVertex(Op.Subtract), "average", "one")
            .addVertex("half", new ScaleVertex(0.5), "three")
            .addVertex("product", new ElementWiseVertex(Op.Product), "subtract", "half")
            .addVertex("merge", new MergeVertex(), "product", "add", "five")
            .addLayer("mixed", conv(7, 3), "merge")
            .addLayer("mean", new GlobalPoolingLayer(PoolingType.AVG), "mixed")
            .addLayer("dense", dense(9), "numbers")
            .addVertex("both", new MergeVertex(), "mean", "dense")
            .addLayer("last", dense(11), "both")
            .addLayer("class", output(LossFunction.MCXENT, Activation.SOFTMAX, CLASSES), "last")
            .addLayer("value", output(LossFunction.MSE, Activation.IDENTITY, 2), "both")
            .setOutputs("class", "value")
            .build());
  }

  /** A row of layers, as most begin with. */
  static MultiLayerConfiguration layers() {
    return common(10 * LEARNING_RATE)
        .list()
        .layer(conv(8, 5))
        .layer(new BatchNormalization())
        .layer(maxPool())
        .layer(conv(12, 3))
        .layer(dense(20))
        .layer(output(LossFunction.MCXENT, Activation.SOFTMAX, CLASSES))
        .setInputType(InputType.convolutional(SIZE, SIZE, 3))
        .build();
  }

  static GraphBuilder start() {
    return common(10 * LEARNING_RATE).graphBuilder();
  }

  static NeuralNetConfiguration.Builder common(double learningRate) {
    return new NeuralNetConfiguration.Builder()
        .seed(3)
        .dataType(DataType.FLOAT)
        .updater(new Nesterovs(learningRate, MOMENTUM))
        .l2(1e-3);
  }

  static ComputationGraph graph(ComputationGraphConfiguration configuration) {
    var graph = new ComputationGraph(configuration);
    graph.init();
    graph.initGradientsView();
    return graph;
  }

  static Layer conv(int filters, int kernel) {
    return conv(filters, kernel, Activation.RELU);
  }

  static Layer conv(int filters, int kernel, Activation activation) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .convolutionMode(ConvolutionMode.Same)
        .nOut(filters)
        .activation(activation)
        .build();
  }

  static Layer dense(int units) {
    return new DenseLayer.Builder().nOut(units).activation(Activation.TANH).build();
  }

  static Layer output(LossFunction loss, Activation activation, int units) {
    return new OutputLayer.Builder(loss).nOut(units).activation(activation).build();
  }

  private static Layer linear(int filters) {
    return conv(filters, 1, Activation.IDENTITY);
  }

  private static Layer maxPool() {
    return new SubsamplingLayer.Builder(PoolingType.MAX).kernelSize(2, 2).stride(2, 2).build();
  }
}
