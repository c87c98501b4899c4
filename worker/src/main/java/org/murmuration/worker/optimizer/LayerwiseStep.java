package org.murmuration.worker.optimizer;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.murmuration.worker.model.Layerwise;

/**
 * Steps whose length depends on the norms of whole arrays of weights, which takes two passes over
 * memory: LARS (You, Gitman, Ginsburg: Large batch training of convolutional networks, 2017) and
 * LAMB (You et al.: Large batch optimization for deep learning, 2020). Norms are summed in double
 * precision and in one order, so the result depends neither on threads nor on ranks.
 *
 * <p>Only weights are adapted. Biases, scales and shifts take the plain step, as in the authors'
 * programs: many are 0 at first, and a step as long as they are would leave them there.
 */
final class LayerwiseStep implements OptimizerStep {
  private final ComputationGraph graph;
  private final List<Lane> lanes;

  private LayerwiseStep(ComputationGraph graph, List<Slice> slices, int threads) {
    this.graph = graph;
    this.lanes =
        IntStream.range(0, threads)
            .mapToObj(lane -> new Lane(everyNth(slices, lane, threads)))
            .toList();
  }

  /**
   * For networks of which a part at least steps so.
   *
   * @param threads how many threads share the arrays
   */
  static Optional<LayerwiseStep> of(ComputationGraph graph, int threads) {
    return Slice.of(graph)
        .filter(slices -> slices.stream().anyMatch(s -> s.updater() instanceof Layerwise))
        .map(slices -> new LayerwiseStep(graph, slices, threads));
  }

  private static List<Slice> everyNth(List<Slice> slices, int first, int distance) {
    return IntStream.iterate(first, i -> i < slices.size(), i -> i + distance)
        .mapToObj(slices::get)
        .toList();
  }

  @Override
  public void apply(int iteration, int epoch, int count) {
    var vectors = Vectors.of(graph);
    lanes.parallelStream().forEach(lane -> lane.apply(vectors, iteration, epoch, count));
    graph.applyConstraints(iteration, epoch);
  }

  /** One thread's arrays of parameters, and the arrays that it works in. */
  private static final class Lane {
    private final List<Slice> slices;
    private final float[] parameters = new float[Chunk.LENGTH];
    private final float[] gradient = new float[Chunk.LENGTH];
    private final float[][] states;

    Lane(List<Slice> slices) {
      this.slices = slices;
      this.states =
          new float[slices.stream().mapToInt(s -> s.rule().states()).max().orElse(0)][Chunk.LENGTH];
    }

    void apply(Vectors vectors, int iteration, int epoch, int count) {
      for (var slice : slices) {
        if (slice.divided()) {
          divide(slice, vectors, count);
        }
        var step = new SliceStep(slice, slice.coefficients(iteration, epoch), iteration, epoch);
        if (slice.weight() && slice.updater() instanceof Layerwise layerwise) {
          switch (layerwise.rule()) {
            case LARS -> {
              makeStep(step, vectors, lars(step, vectors, layerwise.trust()));
              subtractStep(slice, vectors, 1);
            }
            case LAMB -> {
              makeStep(step, vectors, 1);
              double rate = layerwise.getLearningRate(iteration, epoch);
              subtractStep(slice, vectors, lamb(slice, vectors, rate));
            }
          }
        } else {
          makeStep(step, vectors, 1);
          subtractStep(slice, vectors, 1);
        }
      }
    }

    private static void divide(Slice slice, Vectors vectors, int count) {
      var gradient = vectors.gradient();
      for (int i = slice.from(); i < slice.to(); i++) {
        gradient.put(i, gradient.get(i) / count);
      }
    }

    /** How much of the gradient the weights stand: trust |w| / (|g| + decay |w|). */
    private double lars(SliceStep step, Vectors vectors, double trust) {
      double weights = norm(step.slice, vectors.parameters());
      double gradients = norm(step.slice, vectors.gradient());
      double length = gradients + step.penalty.value() * weights;
      return weights > 0 && length > 0 ? trust * weights / length : 1;
    }

    /** What makes the step as long as the learning rate times the weights. */
    private double lamb(Slice slice, Vectors vectors, double rate) {
      double weights = norm(slice, vectors.parameters());
      double length = norm(slice, vectors.gradient());
      return weights > 0 && length > 0 ? rate * weights / length : 1;
    }

    private double norm(Slice slice, FloatBuffer vector) {
      double sum = 0;
      for (int at = slice.from(); at < slice.to(); at += Chunk.LENGTH) {
        int length = Math.min(Chunk.LENGTH, slice.to() - at);
        vector.get(at, gradient, 0, length);
        sum += Chunk.sumOfSquares(gradient, length);
      }
      return Math.sqrt(sum);
    }

    /** Leaves in the gradient's place what is to be subtracted. */
    private void makeStep(SliceStep step, Vectors vectors, double factor) {
      var slice = step.slice;
      var formula = slice.rule().at(step.iteration, step.epoch);
      for (int at = slice.from(); at < slice.to(); at += Chunk.LENGTH) {
        int length = Math.min(Chunk.LENGTH, slice.to() - at);
        int state = slice.state() + at - slice.from();
        vectors.parameters().get(at, parameters, 0, length);
        vectors.gradient().get(at, gradient, 0, length);
        for (int i = 0; i < slice.rule().states(); i++) {
          vectors.state().get(state + i * slice.stateStride(), states[i], 0, length);
        }
        step.penalty.addToGradient(gradient, parameters, length);
        Chunk.multiply(gradient, (float) factor, length);
        formula.apply(gradient, states, length);
        step.penalty.addToStep(gradient, parameters, length);
        vectors.gradient().put(at, gradient, 0, length);
        for (int i = 0; i < slice.rule().states(); i++) {
          vectors.state().put(state + i * slice.stateStride(), states[i], 0, length);
        }
      }
    }

    private void subtractStep(Slice slice, Vectors vectors, double factor) {
      for (int at = slice.from(); at < slice.to(); at += Chunk.LENGTH) {
        int length = Math.min(Chunk.LENGTH, slice.to() - at);
        vectors.parameters().get(at, parameters, 0, length);
        vectors.gradient().get(at, gradient, 0, length);
        Chunk.multiply(gradient, (float) factor, length);
        Chunk.subtract(parameters, gradient, length);
        vectors.parameters().put(at, parameters, 0, length);
      }
    }
  }

  /** One array of parameters in one step. */
  private record SliceStep(Slice slice, Penalty.Coefficients penalty, int iteration, int epoch) {}
}
