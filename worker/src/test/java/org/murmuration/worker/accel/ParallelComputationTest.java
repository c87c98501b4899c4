package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class ParallelComputationTest {
  private static final double TOLERANCE = 1e-5;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 8})
  void shouldAddUpToTheGradientOfOneReplica(int count) {
    var graph = graph(false, 0);
    var batch = batch(0, count);
    double expectedLoss;
    INDArray expected;
    INDArray expectedOutput;
    try (var single = new NetworkComputation(graph, Precision.FP32, 1)) {
      expectedLoss = single.computeGradient(batch, GradientListener.NONE);
      expected = graph.getFlattenedGradients().dup();
      expectedOutput = single.output(batch.getFeatures())[0];
    }
    graph.getFlattenedGradients().assign(Double.NaN);

    try (var parallel = new ParallelComputation(graph, Precision.FP32, 3, 1, 1)) {
      var loss = parallel.computeGradient(batch, GradientListener.NONE);

      assertThat(loss).isCloseTo(expectedLoss, within(TOLERANCE * expectedLoss));
      assertThat(error(graph.getFlattenedGradients(), expected)).isLessThan(TOLERANCE);
      assertThat(error(parallel.output(batch.getFeatures())[0], expectedOutput))
          .isLessThan(TOLERANCE);
    }
  }

  /** Each replica normalises its own part; the running statistics step to the samples' mean. */
  @Test
  void shouldWeighRunningStatisticsBySamples() {
    requireWeighedStatistics(graph -> new ParallelComputation(graph, Precision.FP32, 2, 1, 1));
  }

  /** Of a computation that takes seven samples as three and four. */
  static void requireWeighedStatistics(Function<ComputationGraph, Computation> computations) {
    var graph = graph(true, 0);
    INDArray first;
    INDArray second;
    try (var single = new NetworkComputation(graph, Precision.FP32, 1)) {
      single.computeGradient(batch(0, 3), GradientListener.NONE);
      first = graph.getFlattenedGradients().dup();
      single.computeGradient(batch(3, 4), GradientListener.NONE);
      second = graph.getFlattenedGradients().dup();
    }

    try (var computation = computations.apply(graph)) {
      computation.computeGradient(batch(0, 7), GradientListener.NONE);
    }

    var gradient = graph.getFlattenedGradients();
    var statistics = graph.getVertex("norm").paramTable(false).get("mean");
    var from = statistics.offset();
    for (long i = 0; i < graph.numParams(); i++) {
      var isStatistic = i >= from && i < from + 2 * statistics.length();
      var expected =
          isStatistic
              ? (3 * first.getDouble(i) + 4 * second.getDouble(i)) / 7
              : first.getDouble(i) + second.getDouble(i);
      assertThat(gradient.getDouble(i))
          .as("gradient %d", i)
          .isCloseTo(expected, within(1e-5 + 1e-4 * Math.abs(expected)));
    }
  }

  @Test
  void shouldTellEachPartOnceAndOnlyWhenAllReplicasAreDone() {
    var graph = graph(true, 0.5);
    var covered = new int[(int) graph.numParams()];
    List<INDArray> seen = new ArrayList<>();
    List<Long> offsets = new ArrayList<>();
    try (var parallel = new ParallelComputation(graph, Precision.FP32, 2, 1, 1)) {
      parallel.moveTo(0, 0, 5);
      parallel.computeGradient(
          batch(0, 6),
          (offset, length) -> {
            for (long i = offset; i < offset + length; i++) {
              covered[(int) i]++;
            }
            offsets.add(offset);
            seen.add(part(graph, offset, length).dup());
          });
    }

    assertThat(covered).containsOnly(1);
    for (int i = 0; i < offsets.size(); i++) {
      assertThat(part(graph, offsets.get(i), seen.get(i).length())).isEqualTo(seen.get(i));
    }
  }

  @Test
  void shouldDrawTheSameMasksForTheSameSeedAndOthersInEachReplica() {
    var graph = graph(false, 0.5);
    var twice = batch(0, 2);
    twice.setFeatures(
        0,
        Nd4j.concat(
            0,
            twice.getFeatures(0).slice(0, 0).reshape(1, 2, 6, 6),
            twice.getFeatures(0).slice(0, 0).reshape(1, 2, 6, 6)));
    try (var parallel = new ParallelComputation(graph, Precision.FP32, 2, 1, 1)) {
      var losses = new double[3];
      for (int i = 0; i < 3; i++) {
        parallel.moveTo(0, 0, i == 2 ? 8 : 7);
        losses[i] = parallel.computeGradient(twice, GradientListener.NONE);
      }

      assertThat(losses[1]).isEqualTo(losses[0]);
      assertThat(losses[2]).isNotEqualTo(losses[0]);
    }
  }

  @Test
  void shouldPassOnWhatAReplicaThrows() {
    var graph = graph(false, 0);
    var wrong = new MultiDataSet(batch(0, 4).getFeatures(0), Nd4j.zeros(DataType.FLOAT, 4, 9));

    try (var parallel = new ParallelComputation(graph, Precision.FP32, 2, 1, 1)) {
      assertThatThrownBy(() -> parallel.computeGradient(wrong, GradientListener.NONE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "output \"out\" has shape [2, 3], its labels have [2, 9]; they must be the same");
    }
  }

  @Test
  void shouldMeasureAndThenComputeTheSame() {
    var graph = graph(false, 0);
    var batch = batch(0, 8);
    double expected;
    try (var single = new NetworkComputation(graph, Precision.FP32, 1)) {
      expected = single.computeGradient(batch, GradientListener.NONE);
    }

    try (var tuned = Computations.of(graph, new ComputationSettings(Precision.FP32, 2, 0))) {
      assertThat(tuned.computeGradient(batch, GradientListener.NONE))
          .isCloseTo(expected, within(TOLERANCE * expected));
      var info = tuned.info();
      assertThat(info.replicas() * info.threads()).isEqualTo(2);
      assertThat(info.compiledLayers()).isEqualTo(3);
      assertThat(info.dl4jLayers()).isEmpty();
    }
  }

  @Test
  void shouldNotLetAMeasurementDecideWhatIsNormalisedTogether() {
    try (var computation =
        Computations.of(graph(true, 0), new ComputationSettings(Precision.FP32, 2, 0))) {
      computation.computeGradient(batch(0, 8), GradientListener.NONE);

      assertThat(computation.info().replicas()).isEqualTo(1);
      assertThat(computation.info().threads()).isEqualTo(2);
    }
  }

  @Test
  void shouldRefuseMoreReplicasThanThreads() {
    assertThatThrownBy(() -> new ComputationSettings(Precision.FP32, 2, 3))
        .hasMessageContaining("threads=2 replicas=3");
  }

  private static INDArray part(ComputationGraph graph, long offset, long length) {
    return graph
        .getFlattenedGradients()
        .reshape(graph.numParams())
        .get(NDArrayIndex.interval(offset, offset + length));
  }

  static double error(INDArray actual, INDArray expected) {
    return actual.sub(expected).norm2Number().doubleValue() / expected.norm2Number().doubleValue();
  }

  static ComputationGraph graph(boolean norm, double dropout) {
    var builder =
        new NeuralNetConfiguration.Builder()
            .seed(3)
            .dataType(DataType.FLOAT)
            .updater(new Sgd(0.1))
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.convolutional(6, 6, 2))
            .addLayer(
                "conv",
                new ConvolutionLayer.Builder(3, 3)
                    .nOut(4)
                    .dropOut(dropout)
                    .activation(Activation.TANH)
                    .build(),
                "in");
    if (norm) {
      builder.addLayer("norm", new BatchNormalization.Builder().useLogStd(false).build(), "conv");
    } else {
      builder.addLayer("norm", new ConvolutionLayer.Builder(2, 2).nOut(4).build(), "conv");
    }
    ComputationGraphConfiguration configuration =
        builder
            .addLayer(
                "out",
                new OutputLayer.Builder(LossFunction.MCXENT)
                    .nOut(3)
                    .activation(Activation.SOFTMAX)
                    .build(),
                "norm")
            .setOutputs("out")
            .build();
    var graph = new ComputationGraph(configuration);
    graph.init();
    graph.initGradientsView();
    return graph;
  }

  static MultiDataSet batch(int from, int count) {
    Nd4j.getRandom().setSeed(11);
    var features = Nd4j.randn(DataType.FLOAT, 8, 2, 6, 6);
    var labels = Nd4j.zeros(DataType.FLOAT, count, 3);
    for (int i = 0; i < count; i++) {
      labels.putScalar(new int[] {i, (from + i) % 3}, 1);
    }
    var rows = NDArrayIndex.interval(from, from + count);
    return new MultiDataSet(features.get(rows).dup('c'), labels);
  }
}
