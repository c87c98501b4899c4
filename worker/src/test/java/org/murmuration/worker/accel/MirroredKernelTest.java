package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The gradient of the images that reach a convolution of few filters, behind one that learns. */
@ExtendWith(PreparedBackend.class)
class MirroredKernelTest {
  private static final String STEP = "gradient of input by the mirrored kernel";

  @ParameterizedTest
  @CsvSource({
    "6, 5, 1, 0, true",
    "6, 5, 1, 2, true",
    "15, 3, 1, 2, true",
    "3, 2, 1, 1, true",
    "1, 1, 1, 0, true",
    "4, 3, 1, 3, false",
    "4, 3, 2, 1, false",
    "16, 3, 1, 1, false"
  })
  void shouldBeTheGradient(int filters, int kernel, int stride, int padding, boolean mirrored) {
    var truth = DoubleTruth.of(configuration(filters, kernel, stride, padding), 3);
    var random = new SampleBatches(4);
    var batch = new MultiDataSet(random.normal(5, 3, 9, 7), random.classes(5, 4));

    truth.assertSame(batch, 1e-5);
    var steps = Computations.profile(truth.graph(), Precision.FP32, batch, 1);
    assertThat(steps.stream().anyMatch(step -> step.what().startsWith(STEP))).isEqualTo(mirrored);
  }

  private static ComputationGraphConfiguration configuration(
      int filters, int kernel, int stride, int padding) {
    return new NeuralNetConfiguration.Builder()
        .seed(2)
        .graphBuilder()
        .addInputs("image")
        .setInputTypes(InputType.convolutional(9, 7, 3))
        .addLayer("colors", convolution(3, 1, 1, 0), "image")
        .addLayer("convolution", convolution(filters, kernel, stride, padding), "colors")
        .addLayer(
            "output",
            new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(4)
                .activation(Activation.SOFTMAX)
                .build(),
            "convolution")
        .setOutputs("output")
        .build();
  }

  private static ConvolutionLayer convolution(int filters, int kernel, int stride, int padding) {
    return new ConvolutionLayer.Builder(
            new int[] {kernel, kernel}, new int[] {stride, stride}, new int[] {padding, padding})
        .nOut(filters)
        .activation(Activation.TANH)
        .build();
  }
}
