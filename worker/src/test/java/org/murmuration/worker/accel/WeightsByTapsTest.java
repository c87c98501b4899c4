package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Convolutions of many channels over few pixels, whose weights' gradient is computed tap by tap.
 */
class WeightsByTapsTest {
  private static final double TOLERANCE = 1e-5;

  @ParameterizedTest
  @CsvSource({
    "3, 3, 1, 1, 4, 4, 3",
    "3, 3, 0, 0, 4, 5, 2",
    "2, 3, 0, 1, 4, 4, 5",
    "3, 2, 2, 1, 2, 3, 1",
    "1, 3, 0, 1, 3, 5, 4"
  })
  void shouldComputeLikeDl4jInDoublePrecision(
      int kernelHeight, int kernelWidth, int top, int left, int height, int width, int batch) {
    var configuration =
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .dataType(DataType.FLOAT)
            .updater(new Sgd(0.1))
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.convolutional(height, width, 2))
            .addLayer(
                "before",
                new ConvolutionLayer.Builder(1, 1).nOut(130).activation(Activation.TANH).build(),
                "in")
            .addLayer(
                "wide",
                new ConvolutionLayer.Builder(kernelHeight, kernelWidth)
                    .convolutionMode(ConvolutionMode.Truncate)
                    .padding(top, left)
                    .nOut(144)
                    .hasBias(false)
                    .activation(Activation.IDENTITY)
                    .build(),
                "before")
            .addLayer("norm", new BatchNormalization.Builder().build(), "wide")
            .addLayer(
                "out",
                new OutputLayer.Builder(LossFunction.MCXENT)
                    .nOut(3)
                    .activation(Activation.SOFTMAX)
                    .build(),
                "norm")
            .setOutputs("out")
            .build();
    Nd4j.getRandom().setSeed(batch);
    var labels = Nd4j.zeros(DataType.FLOAT, batch, 3);
    for (int i = 0; i < batch; i++) {
      labels.putScalar(i, i % 3, 1);
    }
    var data = new MultiDataSet(Nd4j.randn(DataType.FLOAT, batch, 2, height, width), labels);
    var truth = DoubleTruth.of(configuration, 7);

    truth.assertSame(data, TOLERANCE);

    var steps = Computations.profile(truth.graph(), Precision.FP32, data, 1);
    assertThat(steps)
        .filteredOn(step -> step.what().startsWith("gradient of a tap"))
        .hasSize(kernelHeight * kernelWidth)
        .allMatch(step -> step.layer().equals("wide"));
  }
}
