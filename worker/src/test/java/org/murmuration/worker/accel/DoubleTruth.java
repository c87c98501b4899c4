package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Compares what is compiled with DL4J in double precision, which uses no helper. Errors are those
 * of the whole array: |a - b| / |b|. A gradient that cancels to nearly nothing, such as that of a
 * bias before a batch normalisation, is measured against the whole network's.
 */
final class DoubleTruth {
  private static final double CANCELLED = 0.25;

  private final ComputationGraph graph;
  private final ComputationGraph truth;

  private DoubleTruth(ComputationGraph graph) {
    this.graph = graph;
    this.truth = graph.convertDataType(DataType.DOUBLE);
    truth.initGradientsView();
  }

  /** A network with random parameters, statistics included. */
  static DoubleTruth of(ComputationGraphConfiguration configuration, long seed) {
    var graph = new ComputationGraph(configuration);
    graph.init();
    Nd4j.getRandom().setSeed(seed);
    graph.params().addi(Nd4j.rand(DataType.FLOAT, graph.params().shape()).subi(0.5).muli(0.1));
    graph.initGradientsView();
    return new DoubleTruth(graph);
  }

  ComputationGraph graph() {
    return graph;
  }

  /** The derivative of the loss's sum with respect to one parameter, by central differences. */
  double derivative(MultiDataSet batch, long parameter) {
    var step = 1e-5;
    var value = truth.params().getDouble(parameter);
    setBatch(batch);
    truth.params().putScalar(parameter, value + step);
    var above = loss();
    truth.params().putScalar(parameter, value - step);
    var below = loss();
    truth.params().putScalar(parameter, value);
    return (above - below) / (2 * step) * batch.getFeatures(0).size(0);
  }

  private double loss() {
    truth.computeGradientAndScore();
    return truth.score() - truth.calcRegularizationScore(true);
  }

  /** Loss, gradients and outputs are the same. */
  void assertSame(MultiDataSet batch, double tolerance) {
    assertSame(batch, Precision.FP32, tolerance);
  }

  void assertSame(MultiDataSet batch, Precision precision, double tolerance) {
    try (var compiled = new CompiledComputation(graph, precision)) {
      assertSame(compiled, batch, tolerance);
    }
  }

  void assertSame(CompiledComputation compiled, MultiDataSet batch, double tolerance) {
    var count = batch.getFeatures(0).size(0);
    var loss = compiled.computeGradient(batch, GradientListener.NONE);
    setBatch(batch);
    truth.computeGradientAndScore();
    assertThat(Math.abs(loss / count - truth.score()) / Math.abs(truth.score()))
        .as("relative error of the loss %s", truth.score())
        .isLessThan(tolerance);
    assertSameGradient(tolerance);
    assertSameOutputs(compiled, batch, tolerance);
  }

  private void setBatch(MultiDataSet batch) {
    truth.setInputs(doubles(batch.getFeatures()));
    truth.setLabels(doubles(batch.getLabels()));
  }

  private void assertSameOutputs(
      CompiledComputation compiled, MultiDataSet batch, double tolerance) {
    var outputs = compiled.output(batch.getFeatures());
    var expected = truth.output(false, doubles(batch.getFeatures()));
    for (int i = 0; i < outputs.length; i++) {
      assertThat(outputs[i].shape()).isEqualTo(expected[i].shape());
      assertThat(error(outputs[i], expected[i], 0))
          .as("relative error of output %s", graph.getConfiguration().getNetworkOutputs().get(i))
          .isLessThan(tolerance);
    }
  }

  private void assertSameGradient(double tolerance) {
    var gradient = graph.getFlattenedGradients().reshape(graph.numParams());
    var expected = truth.getFlattenedGradients().reshape(graph.numParams());
    var floor = CANCELLED * expected.norm2Number().doubleValue();
    long offset = 0;
    for (int index : graph.topologicalSortOrder()) {
      var vertex = graph.getVertices()[index];
      if (vertex.numParams() == 0) {
        continue;
      }
      for (var entry : vertex.paramTable(false).entrySet()) {
        var slice = NDArrayIndex.interval(offset, offset + entry.getValue().length());
        assertThat(error(gradient.get(slice), expected.get(slice), floor))
            .as(
                "relative error of the gradient %s_%s %s %s %s",
                vertex.getVertexName(),
                entry.getKey(),
                gradient.get(slice),
                expected.get(slice),
                floor)
            .isLessThan(tolerance);
        offset += entry.getValue().length();
      }
    }
  }

  private static double error(INDArray actual, INDArray expected, double floor) {
    var difference = actual.castTo(DataType.DOUBLE).sub(expected).norm2Number().doubleValue();
    return difference / Math.max(expected.norm2Number().doubleValue(), floor);
  }

  private static INDArray[] doubles(INDArray... arrays) {
    return Arrays.stream(arrays).map(a -> a.castTo(DataType.DOUBLE)).toArray(INDArray[]::new);
  }
}
