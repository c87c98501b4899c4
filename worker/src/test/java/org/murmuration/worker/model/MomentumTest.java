package org.murmuration.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

class MomentumTest {
  private static final StepSchedule HALVING = new StepSchedule(ScheduleType.ITERATION, 0.2, 0.5, 4);

  @Test
  void shouldFollowPyTorchsFormulaOverChangingGradientsAndRates() {
    int n = 5;
    INDArray state = Nd4j.create(DataType.DOUBLE, n).assign(7);
    GradientUpdater<Momentum> updater =
        new Momentum(Double.NaN, HALVING, 0.9).instantiate(state, true);
    double[] velocity = new double[n];

    for (int step = 0; step < 20; step++) {
      double[] gradient = new double[n];
      double[] expected = new double[n];
      for (int i = 0; i < n; i++) {
        gradient[i] = Math.sin(step * (i + 1)) - 0.1 * i;
        velocity[i] = 0.9 * velocity[i] + gradient[i];
        expected[i] = 0.2 * Math.pow(0.5, Math.floorDiv(step, 4)) * velocity[i];
      }
      INDArray update = Nd4j.createFromArray(gradient);
      updater.applyUpdater(update, step, 0);

      assertThat(update.toDoubleVector()).containsExactly(expected, within(1e-12));
      assertThat(state.toDoubleVector()).containsExactly(velocity, within(1e-12));
    }
  }

  @Test
  void shouldTrainAGraphByTheSameFormula() {
    ComputationGraph graph =
        Networks.graph(
            NetworkBuilder.build(
                Networks.layers(3, Networks.dense(4)),
                Networks.optimizer(OptimizerSpec.Kind.MOMENTUM, 0.05, 0),
                new InputShape(1, 2, 2),
                20,
                3));
    DataSet batch =
        new DataSet(
            Networks.pixels(6, new InputShape(1, 2, 2), 1).divi(255), Networks.labels(6, 3));
    int n = (int) graph.numParams();
    double[] parameters = graph.params().dup().reshape(n).toDoubleVector();
    double[] velocity = new double[n];

    for (int step = 0; step < 20; step++) {
      double[] gradient = sumOfGradients(graph, batch);
      graph.fit(batch);
      for (int i = 0; i < n; i++) {
        velocity[i] = 0.9 * velocity[i] + gradient[i] / 6;
        parameters[i] -= 0.05 * velocity[i];
      }
      assertThat(graph.params().reshape(n).toDoubleVector())
          .containsExactly(parameters, within(1e-5));
    }
  }

  private static double[] sumOfGradients(ComputationGraph graph, DataSet batch) {
    ComputationGraph copy = graph.clone();
    copy.setInputs(batch.getFeatures());
    copy.setLabels(batch.getLabels());
    copy.computeGradientAndScore();
    INDArray gradient = copy.gradient().gradient();
    return gradient.reshape(gradient.length()).castTo(DataType.DOUBLE).toDoubleVector();
  }

  @Test
  void shouldGoOnFromASavedModelAsIfNothingHappened(@TempDir Path folder) throws IOException {
    ScheduleSpec cosine = new ScheduleSpec(ScheduleSpec.Shape.COSINE, 2, 1, 1, 0);
    ComputationGraphConfiguration configuration =
        NetworkBuilder.build(
            Networks.layers(3, Networks.dense(4)),
            Networks.optimizer(OptimizerSpec.Kind.MOMENTUM, 0.05, 1e-3, cosine),
            new InputShape(1, 2, 2),
            12,
            3);
    ComputationGraph graph = Networks.graph(configuration);
    DataSet batch =
        new DataSet(
            Networks.pixels(6, new InputShape(1, 2, 2), 1).divi(255), Networks.labels(6, 3));
    for (int i = 0; i < 5; i++) {
      graph.fit(batch);
    }
    File file = folder.resolve("model.zip").toFile();
    ModelSerializer.writeModel(graph, file, true);

    ComputationGraph restored = ModelSerializer.restoreComputationGraph(file, true);

    for (int i = 0; i < 5; i++) {
      graph.fit(batch);
      restored.fit(batch);
    }
    assertThat(restored.params()).isEqualTo(graph.params());
    assertThat(ComputationGraphConfiguration.fromJson(configuration.toJson()))
        .isEqualTo(configuration);
  }

  @Test
  void shouldUpdateAllParametersInOneBlock() {
    ComputationGraph graph =
        Networks.graph(
            NetworkBuilder.build(
                Networks.zoo("cifar-net"),
                Networks.optimizer(OptimizerSpec.Kind.MOMENTUM, 0.05, 5e-4),
                Networks.CIFAR,
                12,
                3));

    assertThat(graph.getUpdater(true).getUpdaterBlocks()).hasSize(1);
    assertThat(graph.getUpdater(true).getStateViewArray().length()).isEqualTo(62_006);
  }

  @Test
  void shouldTakeItsStateAsAMap() {
    INDArray velocity = Nd4j.createFromArray(1.0, 2.0);
    GradientUpdater<Momentum> updater =
        new Momentum(0.5, null, 0.5).instantiate(Map.of("V", velocity), false);
    INDArray gradient = Nd4j.createFromArray(1.0, 1.0);

    updater.applyUpdater(gradient, 0, 0);

    assertThat(gradient.toDoubleVector()).containsExactly(0.75, 1.0);
    assertThat(updater.getState()).containsOnlyKeys("V");
  }

  @Test
  void shouldCompareByValueAndCloneIndependently() {
    Momentum momentum = new Momentum(0.1, HALVING, 0.9);
    Momentum clone = momentum.clone();

    assertThat(clone).isEqualTo(momentum).hasSameHashCodeAs(momentum);
    clone.setLrAndSchedule(0.3, null);
    assertThat(clone).isNotEqualTo(momentum);
    assertThat(clone.getLearningRate(9, 0)).isEqualTo(0.3);
    assertThat(momentum.getLearningRate(9, 0)).isEqualTo(0.05);
    assertThat(momentum).isNotEqualTo(new Momentum(0.1, HALVING, 0.8));
  }

  @Test
  void shouldRefuseMomentumThatNeverFades() {
    for (double momentum : new double[] {-0.1, 1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Momentum(0.1, null, momentum))
          .withMessageContaining("momentum must be at least 0 and < 1, but is " + momentum);
    }
  }
}
