package org.murmuration.worker.accel;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.plan.GradientListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** DL4J itself, layer by layer. */
final class Dl4jComputation implements Computation {
  private static final Set<DataType> INDICES = Set.of(DataType.INT32, DataType.INT64);

  private final ComputationGraph graph;
  private final int threads;
  private final String reason;

  /**
   * @param reason why the network is not compiled
   */
  Dl4jComputation(ComputationGraph graph, int threads, String reason) {
    this.graph = graph;
    this.threads = threads;
    this.reason = reason;
  }

  @Override
  public void moveTo(int epoch, int iteration, long seed) {
    Nd4j.getRandom().setSeed(seed);
    graph.getConfiguration().setEpochCount(epoch);
    graph.getConfiguration().setIterationCount(iteration);
  }

  @Override
  public double computeGradient(MultiDataSet batch, GradientListener listener) {
    graph.setInputs(forDl4j(batch.getFeatures()));
    graph.setLabels(batch.getLabels());
    graph.setLayerMaskArrays(batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
    graph.computeGradientAndScore();
    graph.clearLayerMaskArrays();
    listener.ready(0, graph.numParams());
    return graph.score() * batch.getFeatures(0).size(0);
  }

  @Override
  public INDArray[] output(INDArray... features) {
    return graph.output(false, forDl4j(features));
  }

  @Override
  public ComputationInfo info() {
    var layers =
        Arrays.stream(graph.getVertices())
            .filter(vertex -> !vertex.isInputVertex())
            .map(vertex -> vertex.getVertexName() + ": " + reason)
            .toList();
    return new ComputationInfo("fp32", 1, threads, 0, List.copyOf(layers));
  }

  @Override
  public void close() {
    // DL4J frees its memory itself.
  }

  /** Images come as bytes, and DL4J computes with what it gets; indices are no quantities. */
  private static INDArray[] forDl4j(INDArray... arrays) {
    return Stream.of(arrays)
        .map(a -> INDICES.contains(a.dataType()) ? a : a.castTo(DataType.FLOAT))
        .toArray(INDArray[]::new);
  }
}
