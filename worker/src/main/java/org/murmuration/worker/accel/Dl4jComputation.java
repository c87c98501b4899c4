package org.murmuration.worker.accel;

import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.plan.GradientListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** DL4J itself, layer by layer. */
final class Dl4jComputation {
  private static final Set<DataType> INDICES = Set.of(DataType.INT32, DataType.INT64);

  private final ComputationGraph graph;

  Dl4jComputation(ComputationGraph graph) {
    this.graph = graph;
  }

  double computeGradient(MultiDataSet batch, GradientListener listener) {
    graph.setInputs(forDl4j(batch.getFeatures()));
    graph.setLabels(batch.getLabels());
    graph.setLayerMaskArrays(batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
    try (var backward = new WatchedBackward(graph, listener)) {
      graph.computeGradientAndScore();
      backward.finish();
    }
    graph.clearLayerMaskArrays();
    return graph.score() * batch.getFeatures(0).size(0);
  }

  INDArray[] output(INDArray... features) {
    return graph.output(false, forDl4j(features));
  }

  /** Images come as bytes, and DL4J computes with what it gets; indices are no quantities. */
  private static INDArray[] forDl4j(INDArray... arrays) {
    return Stream.of(arrays)
        .map(a -> INDICES.contains(a.dataType()) ? a : a.castTo(DataType.FLOAT))
        .toArray(INDArray[]::new);
  }
}
