package org.murmuration.worker.optimizer;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Everything that a step does to a parameter, in one pass over the vectors. A step is bound by
 * memory: DL4J's operations read and write all of the gradient, the state and the parameters again
 * and again, while this takes a chunk of values at a time through all operations, in arrays that
 * stay in the processor's nearest cache.
 */
final class FusedStep implements OptimizerStep {
  private final ComputationGraph graph;
  private final List<Lane> lanes;

  private FusedStep(ComputationGraph graph, List<Slice> slices, int threads) {
    this.graph = graph;
    var length = graph.numParams();
    this.lanes =
        IntStream.range(0, threads)
            .mapToObj(
                lane -> new Lane(slices, length * lane / threads, length * (lane + 1) / threads))
            .toList();
  }

  /**
   * For what DL4J's updater would do with this network.
   *
   * @param threads how many threads share the vectors
   * @return nothing if DL4J's updater would do something that is not known here
   */
  static Optional<FusedStep> of(ComputationGraph graph, int threads) {
    return Slice.of(graph).map(slices -> new FusedStep(graph, slices, threads));
  }

  @Override
  public void apply(int iteration, int epoch, int count) {
    var vectors = Vectors.of(graph);
    lanes.parallelStream().forEach(lane -> lane.apply(vectors, iteration, epoch, count));
    graph.applyConstraints(iteration, epoch);
  }

  /** One thread's share of the vectors, and the arrays that it works in. */
  private static final class Lane {
    private final List<Slice> slices;
    private final float[] parameters = new float[Chunk.LENGTH];
    private final float[] gradient = new float[Chunk.LENGTH];
    private final float[][] states;

    Lane(List<Slice> all, long from, long to) {
      slices = all.stream().map(s -> s.within(from, to)).filter(Objects::nonNull).toList();
      states =
          new float[slices.stream().mapToInt(s -> s.rule().states()).max().orElse(0)][Chunk.LENGTH];
    }

    void apply(Vectors vectors, int iteration, int epoch, int count) {
      for (var slice : slices) {
        var formula = slice.rule().at(iteration, epoch);
        var penalty = slice.coefficients(iteration, epoch);
        for (int at = slice.from(); at < slice.to(); at += Chunk.LENGTH) {
          var length = Math.min(Chunk.LENGTH, slice.to() - at);
          var state = slice.state() + at - slice.from();
          vectors.parameters().get(at, parameters, 0, length);
          vectors.gradient().get(at, gradient, 0, length);
          for (int i = 0; i < slice.rule().states(); i++) {
            vectors.state().get(state + i * slice.stateStride(), states[i], 0, length);
          }
          if (slice.divided()) {
            Chunk.divide(gradient, count, length);
          }
          penalty.addToGradient(gradient, parameters, length);
          formula.apply(gradient, states, length);
          penalty.addToStep(gradient, parameters, length);
          Chunk.subtract(parameters, gradient, length);
          vectors.parameters().put(at, parameters, 0, length);
          for (int i = 0; i < slice.rule().states(); i++) {
            vectors.state().put(state + i * slice.stateStride(), states[i], 0, length);
          }
        }
      }
    }
  }
}
