package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Compares what is compiled with DL4J in double precision, which uses no helper. Errors are those
 * of the whole array: |a - b| / |b|. A gradient that cancels to nearly nothing, such as that of a
 * bias before a batch normalisation, is measured against the whole network's.
 */
final class DoubleTruth {
  private static final double CANCELLED = 0.25;

  /**
   * Relative errors.
   *
   * @param loss of the batch's loss
   * @param gradients of each parameter's gradient, by layer and name
   */
  record Errors(double loss, Map<String, Double> gradients) {

    /** The largest. */
    double worst() {
      return Math.max(loss, Collections.max(gradients.values()));
    }
  }

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
    return of(graph);
  }

  /** A network as it is. */
  static DoubleTruth of(ComputationGraph graph) {
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
    var errors = errors(compiled.computeGradient(batch, GradientListener.NONE), batch);
    assertThat(errors.loss)
        .as("relative error of the loss %s", truth.score())
        .isLessThan(tolerance);
    assertThat(errors.gradients)
        .as("relative errors of the gradients")
        .allSatisfy((name, error) -> assertThat(error).isLessThan(tolerance));
    assertSameOutputs(compiled, batch, tolerance);
  }

  /**
   * How wrong the network's gradient vector is, with its parameters as they are.
   *
   * @param loss the sum of the batch's losses that was computed with it
   */
  Errors errors(double loss, MultiDataSet batch) {
    truth.params().assign(graph.params());
    setBatch(batch);
    truth.computeGradientAndScore();
    var mean = loss / batch.getFeatures(0).size(0);
    return new Errors(Math.abs(mean - truth.score()) / Math.abs(truth.score()), gradientErrors());
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

  private Map<String, Double> gradientErrors() {
    var gradient = graph.getFlattenedGradients().reshape(graph.numParams());
    var expected = truth.getFlattenedGradients().reshape(graph.numParams());
    var floor = CANCELLED * expected.norm2Number().doubleValue();
    Map<String, Double> errors = new LinkedHashMap<>();
    long offset = 0;
    for (int index : graph.topologicalSortOrder()) {
      var vertex = graph.getVertices()[index];
      if (vertex.numParams() == 0) {
        continue;
      }
      for (var entry : vertex.paramTable(false).entrySet()) {
        var slice = NDArrayIndex.interval(offset, offset + entry.getValue().length());
        errors.put(
            vertex.getVertexName() + "_" + entry.getKey(),
            error(gradient.get(slice), expected.get(slice), floor));
        offset += entry.getValue().length();
      }
    }
    return errors;
  }

  private static double error(INDArray actual, INDArray expected, double floor) {
    var difference = actual.castTo(DataType.DOUBLE).sub(expected).norm2Number().doubleValue();
    return difference / Math.max(expected.norm2Number().doubleValue(), floor);
  }

  private static INDArray[] doubles(INDArray... arrays) {
    return Arrays.stream(arrays).map(a -> a.castTo(DataType.DOUBLE)).toArray(INDArray[]::new);
  }
}
