package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class PenaltiesTest {

  @Test
  void shouldAddWhatDl4jAddsInDoublePrecision() {
    var graph = withPenalties(new DenseLayer.Builder().nOut(301).build());
    var expected = graph.convertDataType(DataType.DOUBLE).calcRegularizationScore(true);

    assertThat(Penalties.of(graph)).isCloseTo(expected, within(1e-9 * expected));
  }

  @Test
  void shouldNotPunishWhatIsFrozen() {
    var first = new DenseLayer.Builder().nOut(301).build();
    var learned = withPenalties(first);
    var frozen = withPenalties(new FrozenLayer(first));
    frozen.setParams(learned.params());

    assertThat(Penalties.of(frozen))
        .isCloseTo(
            frozen.convertDataType(DataType.DOUBLE).calcRegularizationScore(true), within(1e-9))
        .isLessThan(0.5 * Penalties.of(learned));
  }

  private static ComputationGraph withPenalties(Layer first) {
    return SampleNetworks.graph(
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .dataType(DataType.FLOAT)
            .l1(2e-3)
            .l2(3e-3)
            .l2Bias(0.5)
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.feedForward(1003))
            .addLayer("first", first, "in")
            .addLayer("norm", new BatchNormalization(), "first")
            .addLayer(
                "out", SampleNetworks.output(LossFunction.MSE, Activation.IDENTITY, 7), "norm")
            .setOutputs("out")
            .build());
  }
}
