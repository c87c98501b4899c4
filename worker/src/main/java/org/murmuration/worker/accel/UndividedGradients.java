package org.murmuration.worker.accel;

import java.util.ArrayList;
import java.util.Comparator;
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
  private final long length;

  /**
   * @param graph an initialised network with a gradient vector
   */
  public UndividedGradients(ComputationGraph graph) {
    this.length = graph.numParams();
    var gradient = graph.getFlattenedGradients().reshape(length);
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

  /**
   * A stretch of the vector.
   *
   * @param from its first value
   * @param to after its last value
   */
  public record Stretch(int from, int to) {}

  /** What lies between them, in its order: the gradients proper. */
  public List<Stretch> between() {
    var stretches = new ArrayList<Stretch>();
    long from = 0;
    for (var part : parts.stream().sorted(Comparator.comparingLong(Part::from)).toList()) {
      addStretch(stretches, from, part.from);
      from = part.to;
    }
    addStretch(stretches, from, length);
    return stretches;
  }

  private static void addStretch(List<Stretch> stretches, long from, long to) {
    if (from < to) {
      stretches.add(new Stretch(Math.toIntExact(from), Math.toIntExact(to)));
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
