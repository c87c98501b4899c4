package org.murmuration.worker.accel;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The parts of a network's flat gradient vector that DL4J doesn't divide by the batch size: the
 * steps of batch normalisation's running statistics.
 */
public final class UndividedGradients {

  private record Part(long from, long to, INDArray gradient) {}

  private final List<Part> parts = new ArrayList<>();

  /**
   * @param graph an initialised network with a gradient vector
   */
  public UndividedGradients(ComputationGraph graph) {
    var gradient = graph.getFlattenedGradients().reshape(graph.numParams());
    for (Trainable vertex : graph.getVertices()) {
      if (vertex.numParams() == 0) {
        continue;
      }
      for (var entry : vertex.paramTable(false).entrySet()) {
        if (!vertex.updaterDivideByMinibatch(entry.getKey())) {
          var view = entry.getValue();
          var from = view.offset() - graph.params().offset();
          var to = from + view.length();
          parts.add(new Part(from, to, gradient.get(NDArrayIndex.interval(from, to))));
        }
      }
    }
  }

  /** Divides all of them. */
  public void divide(int divisor) {
    parts.forEach(part -> part.gradient.divi(divisor));
  }

  /** Multiplies those of them that lie in a stretch of the vector. */
  public void scale(long offset, long length, double factor) {
    parts.stream()
        .filter(part -> offset <= part.from && part.to <= offset + length)
        .forEach(part -> part.gradient.muli(factor));
  }
}
