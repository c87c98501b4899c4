package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.murmuration.worker.accel.SmallImages.CHANNELS;
import static org.murmuration.worker.accel.SmallImages.CLASSES;
import static org.murmuration.worker.accel.SmallImages.SIZE;
import static org.murmuration.worker.accel.SmallImages.add;
import static org.murmuration.worker.accel.SmallImages.batch;
import static org.murmuration.worker.accel.SmallImages.conv;
import static org.murmuration.worker.accel.SmallImages.graph;
import static org.murmuration.worker.accel.SmallImages.images;
import static org.murmuration.worker.accel.SmallImages.output;

import java.util.Arrays;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.murmuration.worker.accel.graph.Placement;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What is not simply a layer after another: frozen layers, regions that DL4J computes, labels. */
class CompiledDetailsTest {
  private static final double TOLERANCE = 1e-5;

  static Stream<Arguments> layersOfDl4j() {
    return Stream.of(
        arguments(new GlobalPoolingLayer(PoolingType.SUM), "SUM"),
        arguments(new GlobalPoolingLayer(PoolingType.PNORM), "PNORM"),
        arguments(
            new PReLULayer.Builder().inputShape(CHANNELS, SIZE, SIZE).build(), "kind of layer"),
        arguments(new ActivationLayer(Activation.GELU), "gelu"),
        arguments(new LocalResponseNormalization.Builder().n(1).build(), "over 1 channels"),
        arguments(new LocalResponseNormalization.Builder().n(7).build(), "over 7 channels"));
  }

  @ParameterizedTest
  @MethodSource("layersOfDl4j")
  void shouldComputeALayerInDl4jBetweenCompiledOnes(Layer layer, String reason) {
    var graph =
        graph(
            images()
                .addLayer("first", conv(), "in")
                .addLayer("dl4j", layer, "first")
                .addLayer("after", SampleNetworks.dense(9), "dl4j"),
            "after");
    assertInDl4j(graph, reason);
  }

  @Test
  void shouldLeaveASingleColumnOfASingleChannelToDl4j() {
    var graph =
        graph(
            SampleNetworks.start()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(SIZE, 3, 1))
                .addLayer(
                    "dl4j", new ConvolutionLayer.Builder(3, 3).stride(1, 2).nOut(18).build(), "in"),
            "dl4j");
    var random = new SampleBatches(1);
    assertInDl4j(
        graph,
        "one column",
        new MultiDataSet(random.normal(5, 1, SIZE, 3), random.classes(5, CLASSES)));
  }

  @Test
  void shouldLeaveTheRepetitionOfASinglePixelToDl4j() {
    var graph =
        graph(
            images()
                .addLayer("first", conv(), "in")
                .addLayer(
                    "pixel",
                    new SubsamplingLayer.Builder(PoolingType.AVG).kernelSize(SIZE, SIZE).build(),
                    "first")
                .addLayer("dl4j", new Upsampling2D.Builder().size(3).build(), "pixel"),
            "dl4j");
    assertInDl4j(graph, "single pixel");
  }

  /** DL4J miscounts the channels that are left, so it is told. */
  @Test
  void shouldTakeASubsetOfChannelsInDl4j() {
    var graph =
        SampleNetworks.graph(
            SampleNetworks.start()
                .addInputs("in")
                .addLayer("first", reading(3), "in")
                .addVertex("dl4j", new SubsetVertex(3, 9), "first")
                .addLayer("after", reading(7), "dl4j")
                .addLayer("mean", new GlobalPoolingLayer(PoolingType.AVG), "after")
                .addLayer(
                    "out",
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(CHANNELS)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build(),
                    "mean")
                .setOutputs("out")
                .build());
    assertInDl4j(graph, "kind of vertex");
  }

  private static Layer reading(int channels) {
    return new ConvolutionLayer.Builder(3, 3)
        .nIn(channels)
        .nOut(CHANNELS)
        .activation(Activation.TANH)
        .build();
  }

  /** In DL4J that is possible only in the precision of ND4J's default, which is single. */
  @Test
  void shouldNormalizeInDl4j() {
    var graph =
        graph(
            images()
                .addLayer("first", conv(), "in")
                .addVertex("dl4j", new L2NormalizeVertex(), "first")
                .addLayer("after", conv(), "dl4j"),
            "after");
    var batch = batch(5);
    var plain = graph.clone();
    var expected = new PlainDl4j(plain).computeGradient(batch);
    try (var compiled = new CompiledComputation(graph, Precision.FP32)) {
      assertThat(compiled.computeGradient(batch, GradientListener.NONE))
          .isCloseTo(expected, within(TOLERANCE * expected));
      assertThat(
              graph
                  .getFlattenedGradients()
                  .sub(plain.getFlattenedGradients())
                  .norm2Number()
                  .doubleValue())
          .isLessThan(TOLERANCE * plain.getFlattenedGradients().norm2Number().doubleValue());
      assertThat(compiled.placements()).filteredOn(p -> !p.compiled()).hasSize(1);
    }
  }

  @Test
  void shouldTakeTheMaximumOfBranchesInDl4j() {
    var graph =
        graph(
            images()
                .addLayer("first", conv(), "in")
                .addLayer("second", conv(), "in")
                .addVertex(
                    "dl4j", new ElementWiseVertex(ElementWiseVertex.Op.Max), "first", "second"),
            "dl4j");
    assertInDl4j(graph, "maximum");
  }

  private static void assertInDl4j(ComputationGraph graph, String reason) {
    assertInDl4j(graph, reason, batch(5), batch(2));
  }

  private static void assertInDl4j(ComputationGraph graph, String reason, MultiDataSet... batches) {
    try (var compiled = new CompiledComputation(graph, Precision.FP32)) {
      var truth = DoubleTruth.of(graph);
      for (var batch : batches) {
        truth.assertSame(compiled, batch, TOLERANCE);
      }
      assertThat(compiled.placements())
          .filteredOn(placement -> !placement.compiled())
          .singleElement()
          .satisfies(
              placement -> {
                assertThat(placement.layer()).isEqualTo("dl4j");
                assertThat(placement.reason()).contains(reason);
              });
      assertThat(compiled.placements())
          .filteredOn(Placement::compiled)
          .extracting(Placement::reason)
          .containsOnly("");
    }
  }

  /** Stacking changes the size of the batch. */
  @Test
  void shouldLeaveStacksToDl4j() {
    var graph =
        graph(
            images()
                .addLayer("first", conv(), "in")
                .addLayer("second", conv(), "in")
                .addVertex("stack", new StackVertex(), "first", "second")
                .addLayer("shared", conv(), "stack")
                .addVertex("left", new UnstackVertex(0, 2), "shared")
                .addVertex("right", new UnstackVertex(1, 2), "shared")
                .addVertex("sum", add(), "left", "right"),
            "sum");
    var batch = batch(5);
    var truth = DoubleTruth.of(graph);
    try (var computation = new NetworkComputation(graph, Precision.FP32, 1)) {
      var errors = truth.errors(computation.computeGradient(batch, GradientListener.NONE), batch);
      assertThat(errors.worst()).isLessThan(TOLERANCE);
    }
  }

  /** The first branch wants the sum's gradient plain, the others in one and the same layout. */
  @Test
  void shouldGiveEachBranchOfASumAGradientOfItsOwn() {
    var graph =
        graph(
            images()
                .addLayer("stem", conv(), "in")
                .addLayer("plain", new ActivationLayer(Activation.GELU), "stem")
                .addLayer("left", conv(), "stem")
                .addLayer("right", conv(), "stem")
                .addVertex("sum", add(), "plain", "left", "right"),
            "sum");
    DoubleTruth.of(graph).assertSame(batch(5), TOLERANCE);
  }

  @Test
  void shouldReadTheNumbersOfClassesAsLabels() {
    var graph =
        SampleNetworks.graph(
            images()
                .addLayer(
                    "out",
                    SampleNetworks.output(LossFunction.SPARSE_MCXENT, Activation.SOFTMAX, CLASSES),
                    "in")
                .setOutputs("out")
                .build());
    var labels = Nd4j.createFromArray(3f, 0f, 1f, 1f, 2f).reshape(5, 1);
    DoubleTruth.of(graph).assertSame(new MultiDataSet(batch(5).getFeatures(0), labels), TOLERANCE);
  }

  @Test
  void shouldRefuseABatchThatLacksLabelsOfAnOutput() {
    var graph =
        SampleNetworks.graph(
            images()
                .addLayer("one", output(), "in")
                .addLayer("two", output(), "in")
                .setOutputs("one", "two")
                .build());
    try (var compiled = new CompiledComputation(graph, Precision.FP32)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> compiled.computeGradient(batch(5), GradientListener.NONE))
          .withMessageContaining("output 1")
          .withMessageContaining("1 outputs");
    }
  }

  static Stream<Arguments> wrongLabels() {
    var random = new SampleBatches(1);
    var loss = LossFunction.MCXENT;
    return Stream.of(
        arguments(loss, Activation.SOFTMAX, random.classes(5, CLASSES + 1)),
        arguments(loss, Activation.SOFTMAX, random.classes(4, CLASSES)),
        arguments(loss, Activation.SOFTMAX, random.normal(5, CLASSES, 1, 1)),
        arguments(LossFunction.SPARSE_MCXENT, Activation.SOFTMAX, random.classes(4, 1)),
        arguments(LossFunction.MSE, Activation.IDENTITY, random.classes(5, CLASSES - 1)),
        arguments(LossFunction.MSE, Activation.IDENTITY, random.classes(6, CLASSES)));
  }

  @ParameterizedTest
  @MethodSource("wrongLabels")
  void shouldRefuseLabelsOfAnotherShape(LossFunction loss, Activation activation, INDArray labels) {
    var graph =
        SampleNetworks.graph(
            images()
                .addLayer("out", SampleNetworks.output(loss, activation, CLASSES), "in")
                .setOutputs("out")
                .build());
    var features = batch(5).getFeatures(0);
    try (var compiled = new CompiledComputation(graph, Precision.FP32)) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  compiled.computeGradient(
                      new MultiDataSet(features, labels), GradientListener.NONE))
          .withMessageContaining("\"out\"")
          .withMessageContaining("[5, 4]")
          .withMessageContaining(Arrays.toString(labels.shape()));
    }
  }
}
