package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Layers that draw random numbers in training. */
class CompiledDropoutTest {
  private static final double TOLERANCE = 1e-5;
  private static final int SIZE = 8;
  private static final int CLASSES = 4;
  private static final int UNITS = 400;
  private static final double FAR = 1000;

  private final MultiDataSet images = images();

  @Test
  void shouldDropNothingWhenAllIsRetained() {
    DoubleTruth.of(branches(new Dropout(1.0))).assertSame(images, TOLERANCE);
  }

  static Stream<IDropout> dropouts() {
    return Stream.of(
        new Dropout(0.5),
        new SpatialDropout(0.7),
        new GaussianDropout(0.3),
        new GaussianNoise(0.2),
        new AlphaDropout(0.8));
  }

  /** Where two branches of a sum both drop, each must have a mask of its own. */
  @ParameterizedTest
  @MethodSource("dropouts")
  void shouldDrawAsDl4jDoes(IDropout dropout) {
    var graph = branches(dropout);
    var plain = new ComputationGraph(graph.getConfiguration().clone());
    plain.init(graph.params().dup(), false);
    Nd4j.getRandom().setSeed(3);
    var expectedLoss = new PlainDl4j(plain).computeGradient(images);
    var expected = plain.getFlattenedGradients();

    try (var compiled = new CompiledComputation(graph, Precision.FP32)) {
      Nd4j.getRandom().setSeed(3);
      var loss = compiled.computeGradient(images, GradientListener.NONE);

      assertThat(loss).isCloseTo(expectedLoss, within(TOLERANCE * expectedLoss));
      assertThat(graph.getFlattenedGradients().sub(expected).norm2Number().doubleValue())
          .isLessThan(TOLERANCE * expected.norm2Number().doubleValue());
    }
  }

  @Test
  void shouldDrawTheSameFromTheSameSeed() {
    var graph = branches(new Dropout(0.5));
    try (var compiled = new CompiledComputation(graph, Precision.FP32)) {
      var first = gradient(compiled, graph, 5);

      assertThat(gradient(compiled, graph, 6)).isNotEqualTo(first);
      assertThat(gradient(compiled, graph, 5)).isEqualTo(first);
    }
  }

  private INDArray gradient(CompiledComputation compiled, ComputationGraph graph, long seed) {
    Nd4j.getRandom().setSeed(seed);
    compiled.computeGradient(images, GradientListener.NONE);
    return graph.getFlattenedGradients().dup();
  }

  @Test
  void shouldDropNothingInInference() {
    var graph = branches(new Dropout(0.5));
    var features = images.getFeatures(0);
    var expected =
        graph.convertDataType(DataType.DOUBLE).output(features.castTo(DataType.DOUBLE))[0];

    try (var compiled = new CompiledComputation(graph, Precision.FP32)) {
      assertThat(
              compiled
                  .output(features)[0]
                  .castTo(DataType.DOUBLE)
                  .sub(expected)
                  .norm2Number()
                  .doubleValue())
          .isLessThan(TOLERANCE);
    }
  }

  /**
   * The mean absolute error of outputs far below their labels falls by one half for each unit of
   * either of the two outputs. So the gradient of a weight behind the dropout is half the number
   * that it multiplies, which is twice the undropped one or 0, and the gradient before the dropout
   * is 0 at the same places.
   */
  @Test
  void shouldDropHalfAndDoubleTheRest() {
    var graph = rows();
    var batch =
        new MultiDataSet(
            Nd4j.ones(DataType.FLOAT, 1, 3), Nd4j.valueArrayOf(1, 2, FAR).castTo(DataType.FLOAT));
    var before = graph.feedForward(batch.getFeatures(0), false).get("dense");
    var kept = new int[UNITS];
    int draws = 200;
    Nd4j.getRandom().setSeed(1);
    try (var compiled = new CompiledComputation(graph, Precision.FP32)) {
      for (int draw = 0; draw < draws; draw++) {
        compiled.computeGradient(batch, GradientListener.NONE);
        for (int unit = 0; unit < UNITS; unit++) {
          kept[unit] += keptOnce(graph, unit, before.getDouble(unit));
        }
      }
    }
    // The standard deviation of the sum is sqrt(draws * units) / 2, of one it is sqrt(draws) / 2.
    var all = IntStream.of(kept).sum();
    assertThat(all).isCloseTo(draws * UNITS / 2, within((int) (2.5 * Math.sqrt(draws * UNITS))));
    assertThat(IntStream.of(kept).boxed())
        .allSatisfy(k -> assertThat(k).isBetween(draws / 2 - 40, draws / 2 + 40));
  }

  private static int keptOnce(ComputationGraph graph, int unit, double before) {
    var after = gradient(graph, "out", "W").getDouble(unit, 0);
    var back = gradient(graph, "dense", "b").getDouble(unit);
    if (after == 0) {
      assertThat(back).isZero();
      return 0;
    }
    var weights = graph.getLayer("out").getParam("W");
    assertThat(after).isCloseTo(-before, within(1e-6));
    assertThat(back)
        .isCloseTo(-weights.getDouble(unit, 0) - weights.getDouble(unit, 1), within(1e-6));
    return 1;
  }

  private static INDArray gradient(ComputationGraph graph, String layer, String parameter) {
    var found = graph.getLayer(layer);
    return found
        .conf()
        .getLayer()
        .initializer()
        .getGradientsFromFlattened(found.conf(), found.getGradientsViewArray())
        .get(parameter);
  }

  private static ComputationGraph rows() {
    return SampleNetworks.graph(
        SampleNetworks.start()
            .addInputs("in")
            .setInputTypes(InputType.feedForward(3))
            .addLayer(
                "dense",
                new DenseLayer.Builder().nOut(UNITS).activation(Activation.IDENTITY).build(),
                "in")
            .addLayer(
                "out",
                new OutputLayer.Builder(LossFunction.MEAN_ABSOLUTE_ERROR)
                    .nOut(2)
                    .activation(Activation.IDENTITY)
                    .dropOut(0.5)
                    .build(),
                "dense")
            .setOutputs("out")
            .build());
  }

  /** A dropout of a layer's input, and layers of dropout, in branches that are added. */
  private static ComputationGraph branches(IDropout dropout) {
    return SampleNetworks.graph(
        SampleNetworks.start()
            .addInputs("in")
            .setInputTypes(InputType.convolutional(SIZE, SIZE, 3))
            .addLayer("first", SampleNetworks.conv(16, 3), "in")
            .addLayer("second", dropping(dropout), "first")
            .addLayer("left", new DropoutLayer.Builder(dropout.clone()).build(), "second")
            .addLayer("right", new DropoutLayer.Builder(dropout.clone()).build(), "second")
            .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "left", "right")
            .addLayer("third", SampleNetworks.conv(16, 3), "sum")
            .addLayer(
                "out",
                SampleNetworks.output(LossFunction.MCXENT, Activation.SOFTMAX, CLASSES),
                "third")
            .setOutputs("out")
            .build());
  }

  private static Layer dropping(IDropout dropout) {
    return new ConvolutionLayer.Builder(3, 3)
        .nOut(16)
        .activation(Activation.TANH)
        .dropOut(dropout.clone())
        .build();
  }

  private static MultiDataSet images() {
    var random = new SampleBatches(2);
    return new MultiDataSet(random.normal(5, 3, SIZE, SIZE), random.classes(5, CLASSES));
  }
}
