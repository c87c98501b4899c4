package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.murmuration.worker.data.SampleNumbers;
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

  /** How hard a sample is, its weight doesn't change. */
  @ParameterizedTest
  @CsvSource({"8, 1, 1, 1", "7, 2, 2, 1", "8, 1, 1, 3"})
  void shouldWeighSamples(int samples, int threads, int replicas, int parts) {
    var graph = ParallelComputationTest.graph(false, 0);
    var batch = ParallelComputationTest.batch(0, samples);
    var settings = new ComputationSettings(Precision.FP32, threads, replicas, parts, 1);
    try (var computation = Computations.of(graph, settings)) {
      computation.computeGradient(batch, GradientListener.NONE);
      var unweighted = computation.sampleLosses().copy();
      var weights = new float[samples];
      for (int i = 0; i < samples; i++) {
        weights[i] = 0.25f + i;
      }
      SampleNumbers.weigh(batch, weights);
      double loss = computation.computeGradient(batch, GradientListener.NONE);
      var gradient = graph.getFlattenedGradients().dup();

      assertThat(computation.info().dl4jLayers()).isEmpty();
      assertThat(computation.sampleLosses().losses()).isEqualTo(unweighted.losses());
      // One sample after the other, each weighed by hand.
      batch.setLabelsMaskArray(null);
      double expectedLoss = 0;
      var expected = gradient.like();
      for (int i = 0; i < samples; i++) {
        expectedLoss +=
            weights[i] * new PlainDl4j(graph).computeGradient(BatchRows.of(batch, i, i + 1));
        expected.addi(graph.getFlattenedGradients().mul(weights[i]));
      }
      assertThat(loss).isCloseTo(expectedLoss, within(1e-5 * expectedLoss));
      assertThat(gradient.sub(expected).norm2Number().doubleValue())
          .isLessThan(1e-5 * expected.norm2Number().doubleValue());
    }
  }

  /** A mask of labels, 0 or 1, is what DL4J has in place of weights. */
  @Test
  void shouldLeaveOutSamplesAsDl4jDoes() {
    var graph = ParallelComputationTest.graph(false, 0);
    var batch = ParallelComputationTest.batch(0, 8);
    SampleNumbers.weigh(batch, 1, 0, 0, 1, 1, 0, 1, 1);
    try (var compiled = new CompiledComputation(graph, Precision.FP32)) {
      double loss = compiled.computeGradient(batch, GradientListener.NONE);
      var gradient = graph.getFlattenedGradients().dup();

      double expectedLoss =
          new Dl4jComputation(graph).computeGradient(batch, GradientListener.NONE);
      var expected = graph.getFlattenedGradients();
      assertThat(loss).isCloseTo(expectedLoss, within(1e-5 * expectedLoss));
      assertThat(gradient.sub(expected).norm2Number().doubleValue())
          .isLessThan(1e-5 * expected.norm2Number().doubleValue());
    }
  }

  /** The gradient of a softmax's cross-entropy is the probabilities less the label. */
  @Test
  void shouldTellHowLongGradientsAre() {
    var graph = ParallelComputationTest.graph(false, 0);
    var batch = ParallelComputationTest.batch(0, 8);
    try (var computation = Computations.of(graph, ComputationSettings.PLAIN)) {
      computation.computeGradient(batch, GradientListener.NONE);
      var norms = computation.sampleLosses().gradientNorms();
      var difference = graph.outputSingle(batch.getFeatures(0)).sub(batch.getLabels(0));
      for (int i = 0; i < 8; i++) {
        double expected = difference.getRow(i).norm2Number().doubleValue();
        assertThat((double) norms[i]).isCloseTo(expected, within(1e-5));
      }
    }
  }
}
