package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.murmuration.worker.accel.SmallImages.CHANNELS;
import static org.murmuration.worker.accel.SmallImages.add;
import static org.murmuration.worker.accel.SmallImages.batch;
import static org.murmuration.worker.accel.SmallImages.conv;
import static org.murmuration.worker.accel.SmallImages.graph;
import static org.murmuration.worker.accel.SmallImages.images;

import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.api.Test;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Layers that DL4J has been told not to train. */
class CompiledFrozenTest {
  private static final double TOLERANCE = 1e-5;

  @Test
  void shouldNotLearnInAFeatureExtractor() {
    var whole =
        graph(
            images()
                .addLayer("first", dropping(), "in")
                .addLayer("norm", new BatchNormalization(), "first")
                .addLayer("second", conv(), "norm"),
            "second");
    var graph = new TransferLearning.GraphBuilder(whole).setFeatureExtractor("norm").build();
    assertFrozen(graph, "first", "norm");
  }

  @Test
  void shouldNotLearnWhatTheConfigurationFreezes() {
    var graph =
        graph(
            images()
                .addLayer("first", frozen(dropping()), "in")
                .addLayer("norm", frozen(new BatchNormalization()), "first")
                .addLayer("relu", new ActivationLayer(Activation.RELU), "norm")
                .addLayer("second", conv(), "relu"),
            "second");
    assertFrozen(graph, "first", "norm");
  }

  /** DL4J has no gradient for what is before a frozen layer, and stops with an exception. */
  @Test
  void shouldNotLearnBeforeAFrozenLayer() {
    var graph =
        graph(
            images()
                .addLayer("first", conv(), "in")
                .addLayer("frozen", frozen(conv()), "first")
                .addLayer("second", conv(), "frozen"),
            "second");
    assertZero(graph, "first", "frozen");
  }

  /** Only one of two branches is frozen. */
  @Test
  void shouldLearnBesideAFrozenLayer() {
    var graph =
        graph(
            images()
                .addLayer("first", conv(), "in")
                .addLayer("frozen", frozen(conv()), "first")
                .addLayer("learning", conv(), "first")
                .addVertex("sum", add(), "frozen", "learning"),
            "sum");
    assertFrozen(graph, "frozen");
    assertThat(norm(graph, "first")).isPositive();
  }

  private static void assertFrozen(ComputationGraph graph, String... layers) {
    assertZero(graph, layers);
    DoubleTruth.of(graph).assertSame(batch(5), TOLERANCE);
  }

  private static void assertZero(ComputationGraph graph, String... layers) {
    graph.initGradientsView();
    try (var compiled = new CompiledComputation(graph, Precision.FP32)) {
      graph.getFlattenedGradients().assign(Double.NaN);
      compiled.computeGradient(batch(5), GradientListener.NONE);
    }
    assertThat(layers).allSatisfy(layer -> assertThat(norm(graph, layer)).isZero());
    assertThat(norm(graph, "out")).isPositive();
  }

  private static double norm(ComputationGraph graph, String layer) {
    var parameters = graph.getLayer(layer).params();
    var place =
        NDArrayIndex.interval(parameters.offset(), parameters.offset() + parameters.length());
    return graph
        .getFlattenedGradients()
        .reshape(graph.numParams())
        .get(place)
        .norm2Number()
        .doubleValue();
  }

  private static Layer dropping() {
    return new ConvolutionLayer.Builder(3, 3)
        .nOut(CHANNELS)
        .activation(Activation.RELU)
        .dropOut(0.5)
        .build();
  }

  private static Layer frozen(Layer layer) {
    return new FrozenLayer(layer);
  }
}
