package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Bounds of bfloat16's errors, derived as follows (Higham 2002, "Accuracy and Stability of
 * Numerical Algorithms", chapters 2 and 3, with random instead of worst-case roundings).
 *
 * <p>A bfloat16 has 8 significant bits, so rounding to nearest errs by at most the unit roundoff u
 * = 2^-8 of the number, and as good as evenly below that: by r = u / sqrt(3) in the root mean
 * square. Sums are single precision, whose 2^-24 does not matter here. So errors enter only where
 * activations, their gradients or copies of weights are rounded. They are independent and a layer
 * passes them on as it passes on its input, neither larger nor smaller against it. So the squares
 * add up, and after n roundings an array is wrong by
 *
 * <pre>e(n) = r sqrt(n)</pre>
 *
 * of its norm. That holds for the logits. The loss changes by less than sqrt(2) of what the logits
 * of a sample do, because probability - label is not longer. Where all functions are smooth, a
 * gradient is a product of what came forward, wrong by e(n), and of what came backward through as
 * many roundings more, wrong by e(2 n): together by e(3 n).
 *
 * <p>A ReLU has a kink: an input that is wrong by e of the standard deviation is on the other side
 * of 0 with probability e / pi, if it is normally distributed. One of two is above 0, so such an
 * element is wrong completely, and the square of the gradient's relative error is 2 e / pi. With
 * kinks after n1, n2, ... roundings
 *
 * <pre>g = sqrt(2 / pi (e(n1) + e(n2) + ...))</pre>
 *
 * which is far more than e, and why gradients of deep networks are wrong by a third in this
 * precision and yet point the right way: errors of independent kinks average out over steps. The
 * same holds for the largest in a pooling window. As estimates these are not exact: {@link #SLACK}
 * covers what layers do that are not so random.
 */
class Bf16Test {
  private static final double UNIT_ROUNDOFF = 0x1p-8;
  private static final double RMS = UNIT_ROUNDOFF / Math.sqrt(3);
  private static final double SLACK = 1.5;
  private static final int BATCH = 8;
  private static final int SIZE = 8;
  private static final int CLASSES = 4;

  /** Input, two copies of weights and two activations before the logits, and their copy. */
  private static final int AROUND_ONE_LAYER = 6;

  @BeforeAll
  static void needsTheProcessor() {
    assumeThat(NativeBackend.whyNot(Precision.BF16)).isEmpty();
  }

  private static double error(int roundings) {
    return RMS * Math.sqrt(roundings);
  }

  private static double errorOfKinks(IntStream roundings) {
    return Math.sqrt(2 / Math.PI * roundings.mapToDouble(Bf16Test::error).sum());
  }

  /**
   * Each layer rounds a copy of its weights and its output, with batch normalisation that, too, and
   * every second one of ResNet's the sum.
   */
  @ParameterizedTest
  @CsvSource({"cifar-net, 32, 4, 2.0", "vgg-small, 16, 6, 3.0", "resnet-18, 16, 17, 3.5"})
  void shouldErrInTheZooAsRoundingsDo(String name, int size, int layers, double roundings) {
    var graph = SampleNetworks.zoo(name, size);
    var random = new SampleBatches(1);
    var batch =
        new MultiDataSet(
            random.bytes(BATCH, 3, size, size), random.classes(BATCH, SampleNetworks.CLASSES));
    var kinks = IntStream.rangeClosed(1, layers).map(i -> (int) Math.ceil(1 + i * roundings));
    var outcome = Outcome.of(graph, batch);
    outcome.assertLogitsAndLoss(error((int) Math.ceil(3 + layers * roundings)));
    outcome.assertGradient(errorOfKinks(kinks));
  }

  static Stream<Layer> smooth() {
    return Stream.of(
        SampleNetworks.conv(16, 3, Activation.IDENTITY),
        SampleNetworks.conv(16, 3, Activation.TANH),
        SampleNetworks.dense(32),
        new BatchNormalization());
  }

  @ParameterizedTest
  @MethodSource("smooth")
  void shouldErrInASmoothLayerAsRoundingsDo(Layer layer) {
    var graph =
        SampleNetworks.graph(
            SampleNetworks.start()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(SIZE, SIZE, 3))
                .addLayer("before", SampleNetworks.conv(16, 3, Activation.IDENTITY), "in")
                .addLayer("layer", layer, "before")
                .addLayer(
                    "out",
                    SampleNetworks.output(LossFunction.MCXENT, Activation.SOFTMAX, CLASSES),
                    "layer")
                .setOutputs("out")
                .build());
    var outcome = Outcome.of(graph, batch());
    outcome.assertLogitsAndLoss(error(AROUND_ONE_LAYER));
    outcome.assertGradient(error(3 * AROUND_ONE_LAYER));
  }

  /** The layer's activation or pooling may have a kink. */
  @ParameterizedTest(name = "{0}")
  @MethodSource({
    "org.murmuration.worker.accel.CompiledLayersTest#convolutions",
    "org.murmuration.worker.accel.CompiledLayersTest#deconvolutions",
    "org.murmuration.worker.accel.CompiledLayersTest#poolings",
    "org.murmuration.worker.accel.CompiledLayersTest#normalizations",
    "org.murmuration.worker.accel.CompiledLayersTest#others"
  })
  void shouldErrInAnyLayerAsRoundingsDo(String name, Layer layer) {
    var graph = SampleNetworks.graph(CompiledLayersTest.around(layer).build());
    var outcome = Outcome.of(graph, CompiledLayersTest.batch(7));
    outcome.assertLogitsAndLoss(error(AROUND_ONE_LAYER + 2));
    outcome.assertGradient(errorOfKinks(IntStream.of(AROUND_ONE_LAYER)));
  }

  /** The mean and variance of what was rounded, but not rounded themselves. */
  @Test
  void shouldKeepRunningStatisticsInSinglePrecision() {
    var graph =
        SampleNetworks.graph(
            SampleNetworks.start()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(SIZE, SIZE, 3))
                .addLayer("norm", new BatchNormalization.Builder().useLogStd(false).build(), "in")
                .addLayer(
                    "out",
                    SampleNetworks.output(LossFunction.MCXENT, Activation.SOFTMAX, CLASSES),
                    "norm")
                .setOutputs("out")
                .build());
    var bytes = new SampleBatches(1).bytes(BATCH, 3, SIZE, SIZE);
    // Whole numbers to 255 are bfloat16 as they are.
    var batch = new MultiDataSet(bytes, batch().getLabels(0));
    try (var compiled = new CompiledComputation(graph, Precision.BF16)) {
      var truth = DoubleTruth.of(graph);
      var errors = truth.errors(compiled.computeGradient(batch, GradientListener.NONE), batch);
      assertThat(errors.gradients().get("norm_mean")).isLessThan(1e-5);
      assertThat(errors.gradients().get("norm_var")).isLessThan(1e-5);
    }
  }

  /** Probabilities near 1 would otherwise be multiples of 2^-8, and so would losses. */
  @Test
  void shouldComputeLossesInSinglePrecision() {
    var graph = SampleNetworks.zoo("cifar-net", 32);
    graph.initGradientsView();
    var random = new SampleBatches(1);
    var labels = random.classes(BATCH, SampleNetworks.CLASSES);
    var batch = new MultiDataSet(random.bytes(BATCH, 3, 32, 32), labels);
    try (var compiled = new CompiledComputation(graph, Precision.BF16)) {
      var loss =
          compiled.computeGradient(batch, GradientListener.NONE)
              - BATCH * graph.convertDataType(DataType.DOUBLE).calcRegularizationScore(true);
      var probabilities = compiled.output(batch.getFeatures())[0].castTo(DataType.DOUBLE);
      var expected =
          -Transforms.log(probabilities, true)
              .mul(labels.castTo(DataType.DOUBLE))
              .sumNumber()
              .doubleValue();
      assertThat(loss).isCloseTo(expected, within(1e-6 * expected));
    }
  }

  private static MultiDataSet batch() {
    var random = new SampleBatches(1);
    return new MultiDataSet(random.normal(BATCH, 3, SIZE, SIZE), random.classes(BATCH, CLASSES));
  }

  /** What bfloat16 gave, and double precision. */
  private record Outcome(
      double loss,
      double trueLoss,
      INDArray logits,
      INDArray trueLogits,
      INDArray gradient,
      INDArray trueGradient) {

    static Outcome of(ComputationGraph graph, MultiDataSet batch) {
      graph.initGradientsView();
      var truth = graph.convertDataType(DataType.DOUBLE);
      var count = batch.getFeatures(0).size(0);
      var trueLoss = new PlainDl4j(truth).computeGradient(batch) / count;
      var trueOutput = truth.output(false, batch.getFeatures(0).castTo(DataType.DOUBLE))[0];
      try (var compiled = new CompiledComputation(graph, Precision.BF16)) {
        var loss = compiled.computeGradient(batch, GradientListener.NONE) / count;
        return new Outcome(
            loss,
            trueLoss,
            logits(compiled.output(batch.getFeatures())[0]),
            logits(trueOutput),
            graph.getFlattenedGradients().castTo(DataType.DOUBLE),
            truth.getFlattenedGradients());
      }
    }

    /** Known from their softmax but for a number that all of a sample have in common. */
    private static INDArray logits(INDArray probabilities) {
      var logarithms = Transforms.log(probabilities.castTo(DataType.DOUBLE), true);
      return logarithms.subColumnVector(logarithms.mean(1));
    }

    void assertLogitsAndLoss(double expected) {
      assertThat(error(logits, trueLogits))
          .as("relative error of the logits, expected about %s", expected)
          .isLessThan(SLACK * expected);
      var logitsOfASample = norm(trueLogits) / Math.sqrt((double) trueLogits.size(0));
      assertThat(Math.abs(loss - trueLoss))
          .as("error of the loss %s", trueLoss)
          .isLessThan(SLACK * Math.sqrt(2) * expected * logitsOfASample);
    }

    void assertGradient(double expected) {
      assertThat(error(gradient, trueGradient))
          .as("relative error of the gradient, expected about %s", expected)
          .isLessThan(SLACK * expected);
      var cosine =
          gradient.mul(trueGradient).sumNumber().doubleValue()
              / (norm(gradient) * norm(trueGradient));
      assertThat(cosine)
          .as("cosine of the angle between the gradients")
          .isGreaterThan(1 - expected * expected);
    }

    private static double error(INDArray actual, INDArray expected) {
      return norm(actual.sub(expected)) / norm(expected);
    }

    private static double norm(INDArray array) {
      return array.norm2Number().doubleValue();
    }
  }
}
