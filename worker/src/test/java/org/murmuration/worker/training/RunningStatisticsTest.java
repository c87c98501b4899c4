package org.murmuration.worker.training;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.accel.PreparedBackend;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.model.LayerSpec;
import org.murmuration.worker.model.NetworkSpec;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Running mean and variance of batch normalisation, against their closed form: a step keeps 0.9 of
 * the old and adds 0.1 of what the ranks' batches have, weighted by their samples.
 */
@ExtendWith(PreparedBackend.class)
@Timeout(60)
class RunningStatisticsTest {
  private static final TrainingPlan PLAN = new TrainingPlan(3, 7, 1, 1);
  private static final int SAMPLES = 26;
  private static final int GLOBAL_BATCH = 8;
  private static final double KEEP = 0.9;
  private static final int CHANNELS = 3;
  private static final int PIXELS = 32 * 32;

  /** Four steps, the last of two samples, so that the third rank and the fourth have none. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void shouldWeighWhatRanksSawByTheirSamples(int worldSize) {
    var network =
        new NetworkSpec(
            List.of(),
            Optional.empty(),
            List.<LayerSpec>of(
                new LayerSpec.BatchNorm(1e-5, KEEP), new LayerSpec.GlobalAveragePool()),
            SampleData.CLASSES,
            Nets.INIT);

    var world =
        World.train(
            worldSize,
            Nets.configuration(network, Nets.momentum(0.01)),
            PLAN,
            RunningStatisticsTest::share);

    var expected = closedForm(worldSize);
    for (var rank : world.ranks()) {
      var graph = rank.replica().graph();
      Vectors.assertClose(
          Vectors.doubles(graph.getParam("batchnorm1_mean")), expected.mean, 1e-6, "mean");
      Vectors.assertClose(
          Vectors.doubles(graph.getParam("batchnorm1_var")), expected.variance, 1e-6, "variance");
    }
  }

  private static BatchSource share(int rank, int worldSize) {
    return SampleData.training(SAMPLES, GLOBAL_BATCH, PLAN.seed(), rank, worldSize);
  }

  /** By channel. */
  private static final class Statistics {
    private final double[] mean = new double[CHANNELS];
    private final double[] variance = new double[CHANNELS];
  }

  private static Statistics closedForm(int worldSize) {
    var shares = IntStream.range(0, worldSize).mapToObj(rank -> share(rank, worldSize)).toList();
    var running = new Statistics();
    Arrays.fill(running.variance, 1);
    for (int epoch = 0; epoch < PLAN.epochs(); epoch++) {
      for (int step = 0; step < shares.get(0).steps(); step++) {
        var all = new Statistics();
        int samples = 0;
        for (var share : shares) {
          var count = share.count(step);
          if (count > 0) {
            add(all, share.batch(epoch, step).getFeatures(0), count);
            samples += count;
          }
        }
        for (int c = 0; c < CHANNELS; c++) {
          running.mean[c] = KEEP * running.mean[c] + (1 - KEEP) * all.mean[c] / samples;
          running.variance[c] = KEEP * running.variance[c] + (1 - KEEP) * all.variance[c] / samples;
        }
      }
    }
    return running;
  }

  private static void add(Statistics sums, INDArray images, int count) {
    var pixels = Vectors.doubles(images);
    for (int c = 0; c < CHANNELS; c++) {
      double sum = 0;
      double squares = 0;
      for (int n = 0; n < count; n++) {
        for (int i = 0; i < PIXELS; i++) {
          var value = pixels[(n * CHANNELS + c) * PIXELS + i];
          sum += value;
          squares += value * value;
        }
      }
      var mean = sum / (count * PIXELS);
      sums.mean[c] += count * mean;
      sums.variance[c] += count * (squares / (count * PIXELS) - mean * mean);
    }
  }
}
