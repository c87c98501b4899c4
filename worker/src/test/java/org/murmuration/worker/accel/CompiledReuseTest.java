package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.murmuration.worker.accel.SmallImages.SIZE;
import static org.murmuration.worker.accel.SmallImages.batch;
import static org.murmuration.worker.accel.SmallImages.conv;
import static org.murmuration.worker.accel.SmallImages.images;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * What outlives a step: finished parts of the gradient, plans of other shapes, memory that all
 * share. In one thread the same plan gives the same bits.
 */
class CompiledReuseTest {
  private static final double TOLERANCE = 1e-5;

  private final ComputationGraph graph =
      SmallImages.graph(
          images()
              .addLayer("frozen", new FrozenLayer(conv()), "in")
              .addLayer("norm", new BatchNormalization(), "frozen")
              .addLayer("relu", new ActivationLayer(Activation.RELU), "norm")
              .addLayer("left", conv(), "relu")
              .addLayer("right", prelu(), "relu")
              .addVertex("sum", SmallImages.add(), "left", "right")
              .addLayer("last", conv(), "sum"),
          "last");

  private static PReLULayer prelu() {
    return new PReLULayer.Builder().inputShape(SmallImages.CHANNELS, SIZE, SIZE).build();
  }

  /** A finished part of the gradient, as it was then. */
  private record Part(long offset, INDArray values) {
    long end() {
      return offset + values.length();
    }
  }

  @Test
  void shouldFinishEachPartOfTheGradientOnceAndFromTheEnd() {
    List<Part> parts = new ArrayList<>();
    INDArray gradient = graph.getFlattenedGradients().reshape(graph.numParams());
    try (var compiled = new CompiledComputation(graph, Precision.FP32)) {
      compiled.computeGradient(batch(3), GradientListener.NONE);
      gradient.assign(Double.NaN);
      compiled.computeGradient(
          batch(5),
          (offset, length) ->
              parts.add(
                  new Part(
                      offset, gradient.get(NDArrayIndex.interval(offset, offset + length)).dup())));
    }
    assertThat(parts)
        .allSatisfy(
            part ->
                assertThat(gradient.get(NDArrayIndex.interval(part.offset, part.end())))
                    .isEqualTo(part.values));
    var sorted = parts.stream().sorted((a, b) -> Long.compare(a.offset, b.offset)).toList();
    assertThat(sorted.get(0).offset).isZero();
    assertThat(sorted.get(sorted.size() - 1).end()).isEqualTo(graph.numParams());
    for (int i = 1; i < sorted.size(); i++) {
      assertThat(sorted.get(i).offset).isEqualTo(sorted.get(i - 1).end());
    }
    assertThat(layers(parts)).startsWith("frozen", "out", "last").endsWith("norm");
  }

  /** Whose the parts are, one name for neighbours. */
  private List<String> layers(List<Part> parts) {
    List<String> names = new ArrayList<>();
    for (var part : parts) {
      for (var layer : graph.getLayers()) {
        var parameters = layer.params();
        if (layer.numParams() > 0
            && parameters.offset() <= part.offset
            && part.offset < parameters.offset() + parameters.length()) {
          var name = layer.conf().getLayer().getLayerName();
          if (names.isEmpty() || !names.get(names.size() - 1).equals(name)) {
            names.add(name);
          }
        }
      }
    }
    return names;
  }

  /** More shapes than plans are kept, there and back. */
  @Test
  void shouldComputeBatchesOfChangingSizes() {
    var truth = DoubleTruth.of(graph);
    var sizes = IntStream.concat(IntStream.rangeClosed(1, 10), IntStream.of(10, 4, 10, 9, 2, 1, 4));
    Map<Long, INDArray> seen = new HashMap<>();
    try (var compiled = new CompiledComputation(graph, Precision.FP32)) {
      sizes.forEach(
          size -> {
            truth.assertSame(compiled, batch(size), TOLERANCE);
            var gradient = graph.getFlattenedGradients().dup();
            var before = seen.putIfAbsent((long) size, gradient);
            if (before != null) {
              assertThat(gradient).isEqualTo(before);
            }
          });
    }
  }

  @Test
  void shouldTrainTheSameWhileItEvaluatesInBetween() {
    var batches = List.of(batch(4), batch(3), batch(4), batch(1));
    var other = graph.clone();
    other.initGradientsView();
    try (var steady = new CompiledComputation(graph, Precision.FP32);
        var interrupted = new CompiledComputation(other, Precision.FP32)) {
      var expected =
          Course.of(
              graph, b -> steady.computeGradient(b, GradientListener.NONE), List.copyOf(batches));
      var course =
          Course.of(
              other,
              b -> {
                interrupted.output(batch(9).getFeatures());
                var loss = interrupted.computeGradient(b, GradientListener.NONE);
                interrupted.output(b.getFeatures());
                interrupted.output(batch(30).getFeatures());
                return loss;
              },
              List.copyOf(batches));
      assertThat(course.losses()).isEqualTo(expected.losses());
      assertThat(course.moved()).isEqualTo(expected.moved());
    }
  }

  @Test
  void shouldLeaveOutputsToTheCaller() {
    try (var compiled = new CompiledComputation(graph, Precision.FP32)) {
      var output = compiled.output(batch(4).getFeatures())[0];
      var before = output.dup();
      compiled.output(batch(7).getFeatures());
      compiled.computeGradient(batch(4), GradientListener.NONE);

      assertThat(output).isEqualTo(before);
      assertThat(output.sum(1).sub(1).norm2Number().doubleValue()).isLessThan(TOLERANCE);
    }
  }

  /** Parts of a larger batch, other orders of elements, other types of numbers. */
  @Test
  void shouldReadArraysHoweverTheyLie() {
    var batch = batch(6);
    try (var compiled = new CompiledComputation(graph, Precision.FP32)) {
      var part = NDArrayIndex.interval(2, 5);
      var all = NDArrayIndex.all();
      var features = batch.getFeatures(0).get(part, all, all, all);
      var labels = batch.getLabels(0).get(part, all);
      var expected =
          compiled.computeGradient(
              new MultiDataSet(features.dup('c'), labels.dup('c')), GradientListener.NONE);

      for (var variant :
          List.of(
              new MultiDataSet(features, labels),
              new MultiDataSet(features.dup('f'), labels.dup('f')),
              new MultiDataSet(features.castTo(DataType.DOUBLE), labels.castTo(DataType.INT32)))) {
        assertThat(compiled.computeGradient(variant, GradientListener.NONE)).isEqualTo(expected);
      }
    }
  }
}
