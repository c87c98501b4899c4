package org.murmuration.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks as a user of DL4J writes them, small enough to train in a moment. */
final class PlainDl4j {
  private static final int CLASSES = 10;
  private static final double LEARNING_RATE = 2e-3;
  private static final double RELATIVE_ERROR = 1e-5;

  private PlainDl4j() {}

  /** Two convolutions with pooling, for images. */
  static MultiLayerConfiguration network() {
    return base()
        .list()
        .layer(convolution(4))
        .layer(pooling())
        .layer(convolution(6))
        .layer(pooling())
        .layer(output())
        .setInputType(image())
        .build();
  }

  /** The same kind of network with one input, as a graph. */
  static ComputationGraphConfiguration graph() {
    return base()
        .graphBuilder()
        .addInputs("image")
        .addLayer("convolution", convolution(4), "image")
        .addLayer("pooling", pooling(), "convolution")
        .addLayer("output", output(), "pooling")
        .setOutputs("output")
        .setInputTypes(image())
        .build();
  }

  /** A graph of two inputs: an image and its three mean colours. */
  static ComputationGraphConfiguration graphOfTwoInputs() {
    return base()
        .graphBuilder()
        .addInputs("image", "colours")
        .addLayer("convolution", convolution(4), "image")
        .addLayer("pooling", pooling(), "convolution")
        .addLayer("seen", dense(), "pooling")
        .addLayer("known", dense(), "colours")
        .addVertex("both", new MergeVertex(), "seen", "known")
        .addLayer("output", output(), "both")
        .setOutputs("output")
        .setInputTypes(image(), InputType.feedForward(3))
        .build();
  }

  /** Fails unless |actual - expected| is at most 1e-5 |expected|, in the Euclidean norm. */
  static void assertAgree(INDArray actual, INDArray expected) {
    var error = actual.sub(expected).norm2Number().doubleValue();
    assertThat(error / expected.norm2Number().doubleValue())
        .as("relative difference of %d values", expected.length())
        .isLessThanOrEqualTo(RELATIVE_ERROR);
  }

  private static NeuralNetConfiguration.Builder base() {
    return new NeuralNetConfiguration.Builder()
        .seed(7)
        .dataType(DataType.FLOAT)
        .updater(new Adam(LEARNING_RATE));
  }

  private static InputType image() {
    return InputType.convolutional(32, 32, 3);
  }

  private static ConvolutionLayer convolution(int filters) {
    return new ConvolutionLayer.Builder(5, 5).nOut(filters).activation(Activation.TANH).build();
  }

  private static SubsamplingLayer pooling() {
    return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG)
        .kernelSize(2, 2)
        .stride(2, 2)
        .build();
  }

  private static DenseLayer dense() {
    return new DenseLayer.Builder().nOut(8).activation(Activation.TANH).build();
  }

  private static OutputLayer output() {
    return new OutputLayer.Builder(LossFunction.MCXENT)
        .nOut(CLASSES)
        .activation(Activation.SOFTMAX)
        .build();
  }
}
