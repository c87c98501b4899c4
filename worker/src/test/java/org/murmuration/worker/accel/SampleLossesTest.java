package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.dataset.DataSet;

@ExtendWith(PreparedBackend.class)
class SampleLossesTest {

  /** Against DL4J's scores of examples, a pass of its own. */
  @ParameterizedTest
  @CsvSource({"8, 1, 1, 1", "7, 2, 2, 1", "1, 2, 2, 1", "8, 1, 1, 3", "7, 2, 2, 2", "8, 2, 0, 1"})
  void shouldBeThoseOfEachSample(int samples, int threads, int replicas, int parts) {
    var graph = ParallelComputationTest.graph(false, 0);
    var batch = ParallelComputationTest.batch(0, samples);
    var settings = new ComputationSettings(Precision.FP32, threads, replicas, parts, 1);
    try (var computation = Computations.of(graph, settings)) {
      double sum = computation.computeGradient(batch, GradientListener.NONE);
      var found = computation.sampleLosses().copy();

      var example = new DataSet(batch.getFeatures(0), batch.getLabels(0));
      var expected = graph.scoreExamples(example, false);
      var outputs = graph.outputSingle(batch.getFeatures(0));
      assertThat(found.losses()).hasSize(samples);
      double total = 0;
      for (int i = 0; i < samples; i++) {
        assertThat((double) found.losses()[i])
            .isCloseTo(expected.getDouble(i), within(1e-5 * expected.getDouble(i)));
        assertThat(found.predicted()[i]).isEqualTo(outputs.getRow(i).argMax().getInt(0));
        total += found.losses()[i];
      }
      assertThat(total).isCloseTo(sum, within(1e-5 * sum));
    }
  }
}
