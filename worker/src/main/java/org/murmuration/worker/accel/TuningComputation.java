package org.murmuration.worker.accel;

import java.util.Arrays;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.SampleLosses;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures with the first batch whether one replica with all threads is faster or one replica for
 * each thread, and goes on with that.
 */
final class TuningComputation implements Computation {
  private static final Logger LOG = LoggerFactory.getLogger(TuningComputation.class);
  private static final double NS_PER_MS = 1e6;

  /** The first run compiles; of the others the median counts. */
  private static final int RUNS = 3;

  private final ComputationGraph graph;
  private final ComputationSettings settings;
  private final Computation single;
  private Optional<Computation> chosen = Optional.empty();

  TuningComputation(ComputationGraph graph, ComputationSettings settings) {
    this.graph = graph;
    this.settings = settings;
    this.single =
        new NetworkComputation(
            graph, settings.precision(), settings.threads(), settings.segments());
  }

  @Override
  public void moveTo(int epoch, int iteration, long seed) {
    current().moveTo(epoch, iteration, seed);
  }

  @Override
  public double computeGradient(MultiDataSet batch, GradientListener listener) {
    if (chosen.isEmpty()) {
      chosen = Optional.of(faster(batch));
    }
    return current().computeGradient(batch, listener);
  }

  @Override
  public SampleLosses sampleLosses() {
    return current().sampleLosses();
  }

  @Override
  public INDArray[] output(INDArray... features) {
    return current().output(features);
  }

  @Override
  public ComputationInfo info() {
    return current().info();
  }

  @Override
  public void close() {
    current().close();
  }

  private Computation current() {
    return chosen.orElse(single);
  }

  private Computation faster(MultiDataSet batch) {
    var several =
        new ParallelComputation(
            graph, settings.precision(), settings.threads(), 1, settings.segments());
    var together = time(single, batch);
    var apart = time(several, batch);
    var takesSeveral = apart < together;
    LOG.info(
        "a batch of {} takes {} ms with {} threads in one replica, {} ms with one thread in each of"
            + " {} replicas: taking {}",
        batch.getFeatures(0).size(0),
        together / NS_PER_MS,
        settings.threads(),
        apart / NS_PER_MS,
        settings.threads(),
        takesSeveral ? "several replicas" : "one replica");
    (takesSeveral ? single : several).close();
    return takesSeveral ? several : single;
  }

  private static long time(Computation computation, MultiDataSet batch) {
    computation.computeGradient(batch, GradientListener.NONE);
    var times = new long[RUNS];
    for (int i = 0; i < RUNS; i++) {
      var start = System.nanoTime();
      computation.computeGradient(batch, GradientListener.NONE);
      times[i] = System.nanoTime() - start;
    }
    Arrays.sort(times);
    return times[RUNS / 2];
  }
}
