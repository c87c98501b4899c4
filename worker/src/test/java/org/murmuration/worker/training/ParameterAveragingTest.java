package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.murmuration.worker.accel.PreparedBackend;
import org.murmuration.worker.data.BatchSource;

@ExtendWith(PreparedBackend.class)
class ParameterAveragingTest {
  private static final int RANKS = 2;
  private static final long SEED = 3;
  private static final ComputationGraphConfiguration NETWORK =
      Nets.configuration(Nets.small(Nets.BATCH_NORM), Nets.momentum(0.02));

  /** 100 samples in batches of 2 x 16: three full steps and one of 2 + 2. */
  private static BatchSource share(int rank, int worldSize) {
    return SampleData.training(100, 32, SEED, rank, worldSize);
  }

  private static TrainingPlan plan(int epochs, int every, double rate, double momentum) {
    return new TrainingPlan(
        epochs, SEED, epochs, epochs, new AveragingPlan(4096, every, rate, momentum));
  }

  @ParameterizedTest
  @CsvSource({"2, 1.0, 0.0", "3, 0.7, 0.9", "100, 1.0, 0.5"})
  void shouldTrainAsLocalReplicasWhoseMeanIsTaken(int every, double rate, double momentum) {
    var world =
        World.train(RANKS, NETWORK, plan(2, every, rate, momentum), ParameterAveragingTest::share);

    assertThat(world.checksums()).allMatch(world.checksums().get(0)::equals);
    assertThat(world.parameters()).containsExactly(byHand(2, every, rate, momentum), within(1e-5));
  }

  @Test
  void shouldNotBeTheSameAsAveragingGradients() {
    var gradients =
        World.train(RANKS, NETWORK, new TrainingPlan(1, SEED, 1, 1), ParameterAveragingTest::share);
    var parameters = World.train(RANKS, NETWORK, plan(1, 2, 1, 0), ParameterAveragingTest::share);

    assertThat(parameters.checksums()).isNotEqualTo(gradients.checksums());
  }

  /** Local SGD as the papers write it, in double precision between the averagings. */
  private static double[] byHand(int epochs, int every, double rate, double momentum) {
    List<Replica> replicas = new ArrayList<>();
    List<BatchSource> shares = new ArrayList<>();
    for (int rank = 0; rank < RANKS; rank++) {
      replicas.add(new Replica(Nets.graph(NETWORK)));
      shares.add(share(rank, RANKS));
    }
    var steps = shares.get(0).steps();
    var plan = new TrainingPlan(epochs, SEED, epochs, epochs);
    var anchor = Vectors.doubles(replicas.get(0).graph().params());
    var velocity = new double[anchor.length];
    var samples = new long[RANKS];
    for (int epoch = 0; epoch < epochs; epoch++) {
      for (int step = 0; step < steps; step++) {
        for (int rank = 0; rank < RANKS; rank++) {
          var replica = replicas.get(rank);
          var iteration = epoch * steps + step;
          replica.moveTo(epoch, iteration, plan.randomSeed(iteration, rank));
          var count = shares.get(rank).count(step);
          replica.computeGradient(shares.get(rank).batch(epoch, step), count);
          replica.update(count);
          samples[rank] += count;
        }
        if ((step + 1) % every == 0 || step + 1 == steps) {
          outerStep(replicas, samples, anchor, velocity, rate, momentum);
        }
      }
    }
    return anchor;
  }

  private static void outerStep(
      List<Replica> replicas,
      long[] samples,
      double[] anchor,
      double[] velocity,
      double rate,
      double momentum) {
    List<double[]> local =
        replicas.stream().map(replica -> Vectors.doubles(replica.graph().params())).toList();
    double all = samples[0] + samples[1];
    for (int i = 0; i < anchor.length; i++) {
      var gradient =
          anchor[i] - (samples[0] * local.get(0)[i] + samples[1] * local.get(1)[i]) / all;
      velocity[i] = momentum * velocity[i] + gradient;
      anchor[i] -= rate * (gradient + momentum * velocity[i]);
      for (var replica : replicas) {
        replica.parameters().putFloat(i * Float.BYTES, (float) anchor[i]);
      }
    }
    samples[0] = 0;
    samples[1] = 0;
  }
}
