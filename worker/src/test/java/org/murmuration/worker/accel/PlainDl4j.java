package org.murmuration.worker.accel;

import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.plan.GradientListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** DL4J itself in the precision of its parameters; without helpers in a test that asks for none. */
final class PlainDl4j implements Computation {
  private final ComputationGraph graph;

  PlainDl4j(ComputationGraph graph) {
    graph.initGradientsView();
    this.graph = graph;
  }

  @Override
  public double computeGradient(MultiDataSet batch, GradientListener listener) {
    graph.setInputs(cast(batch.getFeatures()));
    graph.setLabels(cast(batch.getLabels()));
    graph.computeGradientAndScore();
    listener.ready(0, graph.numParams());
    return graph.score() * batch.getFeatures(0).size(0);
  }

  @Override
  public INDArray[] output(INDArray... features) {
    return graph.output(false, cast(features));
  }

  @Override
  public void close() {
    // DL4J frees its memory itself.
  }

  private INDArray[] cast(INDArray... arrays) {
    return Stream.of(arrays)
        .map(array -> array.castTo(graph.params().dataType()))
        .toArray(INDArray[]::new);
  }
}
