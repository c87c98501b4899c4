package org.murmuration.worker.accel;

import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** DL4J itself in the precision of its parameters; without helpers in a test that asks for none. */
final class PlainDl4j {
  private final ComputationGraph graph;

  PlainDl4j(ComputationGraph graph) {
    graph.initGradientsView();
    this.graph = graph;
  }

  /** Fills the graph's gradient vector and returns the sum of the losses. */
  double computeGradient(MultiDataSet batch) {
    graph.setInputs(cast(batch.getFeatures()));
    graph.setLabels(cast(batch.getLabels()));
    graph.computeGradientAndScore();
    return graph.score() * batch.getFeatures(0).size(0);
  }

  private INDArray[] cast(INDArray... arrays) {
    return Stream.of(arrays)
        .map(array -> array.castTo(graph.params().dataType()))
        .toArray(INDArray[]::new);
  }
}
