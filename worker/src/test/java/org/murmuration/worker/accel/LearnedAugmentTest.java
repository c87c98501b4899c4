package org.murmuration.worker.accel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.murmuration.worker.accel.LearnedNets.NORMALIZE;
import static org.murmuration.worker.accel.LearnedNets.augment;
import static org.murmuration.worker.accel.LearnedNets.batch;
import static org.murmuration.worker.accel.LearnedNets.graph;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.LearnedLayers;
import org.murmuration.worker.training.Replica;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Random changes of training images, whose magnitudes are learned. */
@ExtendWith(PreparedBackend.class)
class LearnedAugmentTest {
  /** Off in use; in training the same draws give the same images, whoever computes. */
  @Test
  void shouldAugmentInTrainingAlone() {
    var plain = graph(NORMALIZE);
    var graph = graph(NORMALIZE, augment(0.3));
    var batch = batch();
    try (var one = new Replica(plain);
        var other = new Replica(graph)) {
      assertThat(other.output(batch.getFeatures(0))[0])
          .isEqualTo(one.output(batch.getFeatures(0))[0]);

      var without = one.computeGradient(batch, 6);
      other.moveTo(0, 0, 1);
      var with = other.computeGradient(batch, 6);
      assertThat(Math.abs(with - without)).isGreaterThan(1e-3);
      assertThat(other.computeGradient(batch, 6)).isNotEqualTo(with);
      other.moveTo(0, 0, 1);
      assertThat(other.computeGradient(batch, 6)).isEqualTo(with);
    }
    Nd4j.getRandom().setSeed(1);
    new PlainDl4j(graph).computeGradient(batch);
    var dl4j = graph.getFlattenedGradients().dup();
    try (var compiled = new CompiledComputation(graph, Precision.FP32)) {
      Nd4j.getRandom().setSeed(1);
      compiled.computeGradient(batch, GradientListener.NONE);
    }
    assertThat(ParallelComputationTest.error(graph.getFlattenedGradients(), dl4j)).isLessThan(1e-5);
  }

  /** Computed again for the backward pass, images are changed as they were. */
  @Test
  void shouldAugmentTheSameWhereItIsComputedAgain() {
    var graph =
        graph(NORMALIZE, augment(0.3), new LayerSpec.ColorTransform(LayerSpec.Learning.at(1)));
    graph.initGradientsView();
    List<INDArray> gradients = new ArrayList<>();
    for (int segments : new int[] {1, 3}) {
      try (var computation = new CompiledComputation(graph, Precision.FP32, segments)) {
        Nd4j.getRandom().setSeed(1);
        computation.computeGradient(batch(), GradientListener.NONE);
        gradients.add(graph.getFlattenedGradients().dup());
      }
    }

    assertThat(gradients.get(1)).isEqualTo(gradients.get(0));
  }

  /** The loss alone would take magnitudes to 0. */
  @Test
  void shouldRewardMagnitudes() {
    var graph = graph(NORMALIZE, augment(0));
    var rewarded = graph(NORMALIZE, augment(0.5));
    for (var one : List.of(graph, rewarded)) {
      try (var replica = new Replica(one)) {
        replica.moveTo(0, 0, 1);
        replica.computeGradient(batch(), 6);
        replica.update(6);
      }
    }

    // SGD with a rate of 0.1.
    var difference =
        rewarded.getParam("learnedaugment1_W").sub(graph.getParam("learnedaugment1_W"));
    assertThat(difference.length()).isEqualTo(2);
    assertThat(difference.getDouble(0)).isCloseTo(0.05, within(1e-6));
    assertThat(difference.getDouble(1)).isCloseTo(0.05, within(1e-6));
    assertThat(LearnedLayers.of(rewarded))
        .extracting(LearnedLayers.Learned::parameter)
        .containsExactly("brightness", "rotation");
  }
}
