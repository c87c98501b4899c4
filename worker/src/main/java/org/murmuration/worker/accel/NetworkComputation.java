package org.murmuration.worker.accel;

import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.graph.GraphReader;
import org.murmuration.worker.accel.graph.NotCompilableException;
import org.murmuration.worker.accel.helper.Helpers;
import org.murmuration.worker.accel.plan.GradientListener;
import org.murmuration.worker.accel.plan.Precision;
import org.murmuration.worker.accel.plan.SampleLosses;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Compiled where that is possible, and DL4J where it is not: one copy of a network. */
final class NetworkComputation implements Computation {
  private final ComputationGraph graph;
  private final CompiledComputation compiled;
  private final Dl4jComputation dl4j;
  private final Precision precision;
  private final int threads;
  private Optional<String> refused;

  /**
   * @param threads that the calling thread computes with
   */
  NetworkComputation(ComputationGraph graph, Precision precision, int threads) {
    this(graph, precision, threads, ComputationSettings.PLAIN.segments());
  }

  /**
   * @param threads that the calling thread computes with
   * @param segments as {@link ComputationSettings#segments} has it
   */
  NetworkComputation(ComputationGraph graph, Precision precision, int threads, int segments) {
    this.graph = graph;
    this.precision = precision;
    this.threads = threads;
    this.compiled = new CompiledComputation(graph, precision, segments);
    this.dl4j = new Dl4jComputation(graph);
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
    if (refused.isEmpty() && CompiledComputation.takes(batch)) {
      try {
        return compiled.computeGradient(batch, listener);
      } catch (NotCompilableException e) {
        refused = Optional.of(e.getMessage());
      }
    }
    return dl4j.computeGradient(batch, listener);
  }

  @Override
  public SampleLosses sampleLosses() {
    return refused.isEmpty() ? compiled.sampleLosses() : SampleLosses.UNKNOWN;
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
    return dl4j.output(features);
  }

  @Override
  public ComputationInfo info() {
    var placements =
        refused.map(reason -> GraphReader.allInDl4j(graph, reason)).orElse(compiled.placements());
    var inDl4j = placements.stream().filter(placement -> !placement.compiled()).toList();
    return new ComputationInfo(
        (refused.isPresent() ? Precision.FP32 : precision).toString(),
        1,
        threads,
        placements.size() - inDl4j.size(),
        inDl4j.stream().map(p -> p.layer() + ": " + p.reason()).toList());
  }

  @Override
  public void close() {
    compiled.close();
  }
}
