package org.murmuration.worker.optimizer;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Networks with parameters of every sort: a convolution, a batch normalisation, a layer of the
 * test's, 5,600 weights, and an output.
 */
final class StepNets {
  private StepNets() {}

  /** Without a layer of the test's. */
  static ComputationGraphConfiguration configuration(
      IUpdater updater, List<Regularization> weights) {
    return configuration(updater, weights, dense());
  }

  /** The regularisation is the dense layer's; the output has none. */
  static ComputationGraphConfiguration configuration(
      IUpdater updater, List<Regularization> weights, Layer middle) {
    return new NeuralNetConfiguration.Builder()
        .seed(1)
        .updater(updater)
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
            "dense", new DenseLayer.Builder().nOut(560).regularization(weights).build(), "middle")
        .addLayer(
            "out",
            new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(4)
                .activation(Activation.SOFTMAX)
                .build(),
            "dense")
        .setOutputs("out")
        .build();
  }

  static DenseLayer dense() {
    return new DenseLayer.Builder().nOut(10).build();
  }

  /** Read back from DL4J's JSON, as on a rank. */
  static ComputationGraph graph(ComputationGraphConfiguration configuration) {
    return init(ComputationGraphConfiguration.fromJson(configuration.toJson()));
  }

  static ComputationGraph init(ComputationGraphConfiguration configuration) {
    var graph = new ComputationGraph(configuration);
    graph.init();
    graph.initGradientsView();
    Nd4j.getRandom().setSeed(5);
    graph.params().assign(Nd4j.randn(graph.params().shape()).muli(0.1));
    return graph;
  }

  /** Of magnitudes from 1e-4 to 1. */
  static INDArray gradient(ComputationGraph graph, int step) {
    Nd4j.getRandom().setSeed(100L + step);
    var shape = graph.getFlattenedGradients().shape();
    var magnitudes = Transforms.exp(Nd4j.rand(shape).muli(-9.2));
    return Nd4j.randn(shape).muli(magnitudes);
  }
}
