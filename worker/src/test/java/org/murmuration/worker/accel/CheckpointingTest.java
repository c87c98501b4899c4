package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Computing activations again is exact: the bits of keeping them are the truth. */
@ExtendWith(PreparedBackend.class)
class CheckpointingTest {
  private static final int BATCH = 4;
  private static final int SIZE = SampleNetworks.SIZE;
  private static final long SEED = 9;

  static Stream<Arguments> networks() {
    return Stream.of(
        network("resnet-18", () -> SampleNetworks.zoo("resnet-18", 32), zooBatch(32)),
        network("vgg-small", () -> SampleNetworks.zoo("vgg-small", 32), zooBatch(32)),
        network(
            "unet",
            () -> SampleNetworks.unet(true, LossFunction.MCXENT, Activation.SOFTMAX),
            pixelBatch()),
        network("dropout", () -> dropping(new Dropout(0.6)), zooBatch(SIZE)),
        network("alpha dropout", () -> dropping(new AlphaDropout(0.8)), zooBatch(SIZE)),
        network("noise", () -> dropping(new GaussianNoise(0.2)), zooBatch(SIZE)));
  }

  private static Arguments network(
      String name, Supplier<ComputationGraph> graph, MultiDataSet batch) {
    return arguments(name, graph, batch);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void shouldGiveTheSameBits(String name, Supplier<ComputationGraph> network, MultiDataSet batch) {
    var whole = run(network.get(), batch, 1);
    for (int segments : new int[] {0, 2, 3, 5, 1000}) {
      var again = run(network.get(), batch, segments);
      assertThat(again.loss).as("loss with %d segments", segments).isEqualTo(whole.loss);
      assertThat(again.gradient).as("gradient with %d", segments).isEqualTo(whole.gradient);
      assertThat(again.told).as("parts told with %d", segments).isEqualTo(whole.told);
    }
  }

  /** Another dropout after the first: the generator must be where it would have been. */
  @Test
  void shouldLeaveTheGeneratorWhereItWas() {
    var graph = dropping(new Dropout(0.6));
    run(graph, zooBatch(SIZE), 1);
    var expected = Nd4j.getRandom().nextLong();

    run(graph, zooBatch(SIZE), 3);

    assertThat(Nd4j.getRandom().nextLong()).isEqualTo(expected);
  }

  @Test
  void shouldTakeLessMemory() {
    // With few images the weights in other layouts would outweigh the activations.
    var batch =
        new MultiDataSet(
            Nd4j.createUninitialized(64, 3, 32, 32), oneHot(64, SampleNetworks.CLASSES));
    var graph = SampleNetworks.zoo("resnet-18", 32);
    long whole = bytes(graph, batch, 1);
    long cut = bytes(graph, batch, 0);

    assertThat(cut).isLessThan(whole * 6 / 10);
  }

  private static long bytes(ComputationGraph graph, MultiDataSet batch, int segments) {
    try (var computation = new CompiledComputation(graph, Precision.FP32, segments)) {
      return computation.bytes(batch);
    }
  }

  private record Result(double loss, INDArray gradient, List<Long> told) {}

  private static Result run(ComputationGraph graph, MultiDataSet batch, int segments) {
    var told = new ArrayList<Long>();
    GradientListener listener = (offset, length) -> told.add(offset);
    try (var computation = new CompiledComputation(graph, Precision.FP32, segments)) {
      Nd4j.getRandom().setSeed(SEED);
      double loss = computation.computeGradient(batch, listener);
      return new Result(loss, graph.getFlattenedGradients().dup(), told);
    }
  }

  /** Dropout everywhere, and a layer that DL4J computes. */
  private static ComputationGraph dropping(IDropout dropout) {
    var builder =
        SampleNetworks.common(0.01)
            .graphBuilder()
            .addInputs("image")
            .setInputTypes(InputType.convolutional(SIZE, SIZE, 3));
    var last = "image";
    for (int i = 0; i < 4; i++) {
      builder.addLayer(
          "conv" + i,
          new ConvolutionLayer.Builder(3, 3)
              .padding(1, 1)
              .nOut(6)
              .activation(Activation.TANH)
              .build(),
          last);
      builder.addLayer("norm" + i, new BatchNormalization(), "conv" + i);
      builder.addLayer("drop" + i, new DropoutLayer.Builder(dropout.clone()).build(), "norm" + i);
      last = "drop" + i;
    }
    builder.addLayer(
        "local",
        new LocallyConnected2D.Builder()
            .kernelSize(3, 3)
            .nOut(2)
            .activation(Activation.TANH)
            .build(),
        last);
    builder.addLayer(
        "out",
        new OutputLayer.Builder(LossFunction.MCXENT)
            .nOut(SampleNetworks.CLASSES)
            .activation(Activation.SOFTMAX)
            .build(),
        "local");
    return SampleNetworks.graph(builder.setOutputs("out").build());
  }

  private static MultiDataSet zooBatch(int size) {
    Nd4j.getRandom().setSeed(2);
    return new MultiDataSet(
        Nd4j.rand(BATCH, 3, size, size).muli(255), oneHot(BATCH, SampleNetworks.CLASSES));
  }

  private static MultiDataSet pixelBatch() {
    Nd4j.getRandom().setSeed(2);
    int classes = SampleNetworks.PIXEL_CLASSES;
    var labels = oneHot(BATCH * SIZE * SIZE, classes).reshape(BATCH, SIZE, SIZE, classes);
    return new MultiDataSet(Nd4j.rand(BATCH, 3, SIZE, SIZE), labels.permute(0, 3, 1, 2).dup('c'));
  }

  private static INDArray oneHot(int rows, int classes) {
    var labels = Nd4j.zeros(rows, classes);
    IntStream.range(0, rows).forEach(row -> labels.putScalar(row, row * 7 % classes, 1));
    return labels;
  }
}
