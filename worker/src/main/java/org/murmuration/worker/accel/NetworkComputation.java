package org.murmuration.worker.accel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.graph.NotCompilableException;
import org.murmuration.worker.accel.graph.Placement;
import org.murmuration.worker.accel.helper.Helpers;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Compiled where that is possible, and DL4J where it is not: one copy of a network. */
final class NetworkComputation implements Computation {
  private final ComputationGraph graph;
  private final CompiledComputation compiled;
  private final Precision precision;
  private final int threads;
  private Optional<String> refused;

  /**
   * @param threads that the calling thread computes with
   */
  NetworkComputation(ComputationGraph graph, Precision precision, int threads) {
    this.graph = graph;
    this.precision = precision;
    this.threads = threads;
    this.compiled = new CompiledComputation(graph, precision);
    this.refused = NativeBackend.whyNotCompiled();
    Helpers.install(graph);
  }

  @Override
  public void moveTo(int epoch, int iteration, long seed) {
    Nd4j.getRandom().setSeed(seed);
    graph.getConfiguration().setEpochCount(epoch);
    graph.getConfiguration().setIterationCount(iteration);
  }

  @Override
  public double computeGradient(MultiDataSet batch, GradientListener listener) {
    if (refused.isEmpty() && !batch.hasMaskArrays()) {
      try {
        return compiled.computeGradient(batch, listener);
      } catch (NotCompilableException e) {
        refused = Optional.of(e.getMessage());
      }
    }
    return dl4j().computeGradient(batch, listener);
  }

  @Override
  public INDArray[] output(INDArray... features) {
    if (refused.isEmpty()) {
      try {
        return compiled.output(features);
      } catch (NotCompilableException e) {
        refused = Optional.of(e.getMessage());
      }
    }
    return dl4j().output(features);
  }

  @Override
  public ComputationInfo info() {
    if (refused.isPresent()) {
      return dl4j().info();
    }
    List<String> inDl4j = new ArrayList<>();
    int count = 0;
    for (Placement placement : compiled.placements()) {
      if (placement.compiled()) {
        count++;
      } else {
        inDl4j.add(placement.layer() + ": " + placement.reason());
      }
    }
    return new ComputationInfo(precision.toString(), 1, threads, count, List.copyOf(inDl4j));
  }

  @Override
  public void close() {
    compiled.close();
  }

  private Dl4jComputation dl4j() {
    return new Dl4jComputation(graph, threads, refused.orElse("the batch has masks"));
  }
}
