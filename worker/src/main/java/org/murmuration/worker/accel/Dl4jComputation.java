package org.murmuration.worker.accel;

import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.plan.GradientListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** DL4J itself, layer by layer. */
final class Dl4jComputation implements Computation {
  private final ComputationGraph graph;

  Dl4jComputation(ComputationGraph graph) {
    this.graph = graph;
  }

  @Override
  public double computeGradient(MultiDataSet batch, GradientListener listener) {
    graph.setInputs(floats(batch.getFeatures()));
    graph.setLabels(batch.getLabels());
    graph.setLayerMaskArrays(batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
    graph.computeGradientAndScore();
    graph.clearLayerMaskArrays();
    listener.ready(0, graph.numParams());
    return graph.score() * batch.getFeatures(0).size(0);
  }

  @Override
  public INDArray[] output(INDArray... features) {
    return graph.output(false, floats(features));
  }

  @Override
  public void close() {
    // DL4J frees its memory itself.
  }

  /** Layers of DL4J compute with what they get, and images come as bytes. */
  private static INDArray[] floats(INDArray... arrays) {
    return Stream.of(arrays).map(array -> array.castTo(DataType.FLOAT)).toArray(INDArray[]::new);
  }
}
