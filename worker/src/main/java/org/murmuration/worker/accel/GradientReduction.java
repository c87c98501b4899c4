package org.murmuration.worker.accel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.accel.plan.GradientListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Adds the gradients of several replicas into the first one's, part by part, as soon as all have
 * finished a part, always in the order of the replicas. What DL4J doesn't divide by the batch size,
 * the steps of running statistics, becomes the mean that the samples weigh.
 */
final class GradientReduction {

  /** A part of the flat vector. */
  private record Slice(long offset, long length) {}

  private final List<INDArray> gradients;
  private final List<UndividedGradients> undivided;
  private final Map<Slice, List<INDArray>> views = new HashMap<>();

  GradientReduction(List<ComputationGraph> replicas) {
    this.gradients =
        replicas.stream()
            .map(graph -> graph.getFlattenedGradients().reshape(graph.numParams()))
            .toList();
    this.undivided = replicas.stream().map(UndividedGradients::new).toList();
  }

  /** One step's. */
  Step begin(int[] counts, GradientListener listener) {
    return new Step(counts, listener);
  }

  /** Hears from all replicas what is finished. */
  final class Step {
    private final int[] counts;
    private final GradientListener listener;
    private final List<List<Slice>> finished = new ArrayList<>();
    private int reduced;

    private Step(int[] counts, GradientListener listener) {
      this.counts = counts;
      this.listener = listener;
      for (int i = 0; i < counts.length; i++) {
        finished.add(new ArrayList<>());
      }
    }

    /** What one replica tells; all tell the same parts in the same order. */
    GradientListener of(int replica) {
      return (offset, length) -> ready(replica, new Slice(offset, length));
    }

    private synchronized void ready(int replica, Slice slice) {
      finished.get(replica).add(slice);
      while (finished.stream().allMatch(done -> done.size() > reduced)) {
        var next = finished.get(0).get(reduced);
        reduce(next, counts);
        reduced++;
        listener.ready(next.offset, next.length);
      }
    }
  }

  private void reduce(Slice slice, int... counts) {
    double total = IntStream.of(counts).sum();
    for (int i = 0; i < counts.length; i++) {
      undivided.get(i).scale(slice.offset, slice.length, counts[i] / total);
    }
    var parts = views(slice);
    for (int i = 1; i < counts.length; i++) {
      parts.get(0).addi(parts.get(i));
    }
  }

  private List<INDArray> views(Slice slice) {
    return views.computeIfAbsent(
        slice,
        key ->
            gradients.stream()
                .map(g -> g.get(NDArrayIndex.interval(key.offset, key.offset + key.length)))
                .toList());
  }
}
