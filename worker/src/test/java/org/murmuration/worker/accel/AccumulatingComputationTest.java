package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.api.ndarray.INDArray;

@ExtendWith(PreparedBackend.class)
class AccumulatingComputationTest {
  private static final double TOLERANCE = 1e-5;

  @ParameterizedTest
  @CsvSource({"8, 4, 1", "7, 3, 1", "2, 5, 1", "8, 3, 2"})
  void shouldAddUpToTheGradientOfTheWholeBatch(int samples, int parts, int replicas) {
    var graph = ParallelComputationTest.graph(false, 0);
    var batch = ParallelComputationTest.batch(0, samples);
    double expectedLoss;
    INDArray expected;
    try (var whole = new NetworkComputation(graph, Precision.FP32, 1)) {
      expectedLoss = whole.computeGradient(batch, GradientListener.NONE);
      expected = graph.getFlattenedGradients().dup();
    }
    graph.getFlattenedGradients().assign(Double.NaN);
    var settings = new ComputationSettings(Precision.FP32, replicas, replicas, parts, 1);

    try (var accumulating = Computations.of(graph, settings)) {
      for (int step = 0; step < 2; step++) {
        assertThat(accumulating.computeGradient(batch, GradientListener.NONE))
            .isCloseTo(expectedLoss, within(TOLERANCE * expectedLoss));
        assertThat(ParallelComputationTest.error(graph.getFlattenedGradients(), expected))
            .isLessThan(TOLERANCE);
      }
    }
  }

  /** Each part is normalised by itself; the running statistics step to the samples' mean. */
  @Test
  void shouldWeighRunningStatisticsBySamples() {
    ParallelComputationTest.requireWeighedStatistics(graph -> accumulating(graph, 2));
  }

  @Test
  void shouldTellEachStretchOnceWhenItIsWhole() {
    var graph = ParallelComputationTest.graph(true, 0.5);
    var covered = new int[(int) graph.numParams()];
    var told = new double[covered.length];
    try (var accumulating = accumulating(graph, 3)) {
      accumulating.computeGradient(
          ParallelComputationTest.batch(0, 6),
          (offset, length) -> {
            for (int i = (int) offset; i < offset + length; i++) {
              covered[i]++;
              told[i] = graph.getFlattenedGradients().getDouble(i);
            }
          });
    }

    assertThat(covered).containsOnly(1);
    assertThat(told).isEqualTo(graph.getFlattenedGradients().toDoubleVector());
  }

  @Test
  void shouldRefuseLessThanOnePart() {
    assertThatThrownBy(() -> new ComputationSettings(Precision.FP32, 1, 1, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("accumulate=0");
  }

  private static Computation accumulating(ComputationGraph graph, int parts) {
    return Computations.of(graph, new ComputationSettings(Precision.FP32, 1, 1, parts, 1));
  }
}
