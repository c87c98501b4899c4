package org.murmuration.worker.optimizer;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.nn.updater.UpdaterBlock.ParamState;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Everything that a step does to a parameter, in one pass over the vectors. A step is bound by
 * memory: DL4J's operations read and write all of the gradient, the state and the parameters again
 * and again, while this takes {@value #CHUNK} values at a time through all operations, in arrays
 * that stay in the processor's nearest cache.
 */
final class FusedStep implements OptimizerStep {

  /** Five arrays of this length, four bytes each, fit a first-level cache of 32 KiB. */
  private static final int CHUNK = 1024;

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
   * @return nothing if DL4J's updater would do something that is not known here: another updater or
   *     regularisation, normalised or clipped gradients, or parameters that wait for pretraining
   */
  static Optional<FusedStep> of(ComputationGraph graph, int threads) {
    List<Slice> slices = new ArrayList<>();
    for (var block : graph.getUpdater().getUpdaterBlocks()) {
      var rule = UpdateRules.of(updater(block));
      if (rule.isEmpty() || block.isPretrainUpdaterBlock()) {
        return Optional.empty();
      }
      for (var part : block.getLayersAndVariablesInBlock()) {
        var penalty = penalty(part);
        if (penalty.isEmpty() || normalizesGradient(part)) {
          return Optional.empty();
        }
        slices.add(slice(graph, block, part, rule.get(), penalty.get()));
      }
    }
    return Optional.of(new FusedStep(graph, slices, threads));
  }

  @Override
  public void apply(int iteration, int epoch, int count) {
    var vectors =
        new Vectors(
            floats(graph.params()),
            floats(graph.getFlattenedGradients()),
            floats(graph.getUpdater().getStateViewArray()));
    lanes.parallelStream().forEach(lane -> lane.apply(vectors, iteration, epoch, count));
    graph.applyConstraints(iteration, epoch);
  }

  private static IUpdater updater(UpdaterBlock block) {
    return block.getGradientUpdater().getConfig();
  }

  private static Optional<Penalty> penalty(ParamState part) {
    return Penalty.of(part.getLayer().getConfig().getRegularizationByParam(part.getParamName()));
  }

  private static boolean normalizesGradient(ParamState part) {
    var normalization = part.getLayer().getConfig().getGradientNormalization();
    return normalization != null && normalization != GradientNormalization.None;
  }

  private static Slice slice(
      ComputationGraph graph,
      UpdaterBlock block,
      ParamState part,
      UpdateRule rule,
      Penalty penalty) {
    var start = block.getParamOffsetStart();
    return new Slice(
        part.getParamOffsetStart(),
        part.getParamOffsetEnd(),
        block.getUpdaterViewOffsetStart() + part.getParamOffsetStart() - start,
        block.getParamOffsetEnd() - start,
        updater(block),
        rule,
        penalty,
        graph.conf().isMiniBatch()
            && part.getLayer().updaterDivideByMinibatch(part.getParamName()));
  }

  /** An empty buffer for DL4J's null, which is the state of updaters without one. */
  private static FloatBuffer floats(INDArray array) {
    return array == null
        ? FloatBuffer.allocate(0)
        : array.data().asNio().order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  /** The network's vectors, outside of the heap. */
  private record Vectors(FloatBuffer parameters, FloatBuffer gradient, FloatBuffer state) {}

  /**
   * Parameters that are treated alike: [from, to) of the flat vector.
   *
   * @param state where the first state of the first parameter lies
   * @param stateStride how far the states of one parameter are apart
   * @param divided whether its gradient is a sum over the batch, which becomes a mean
   */
  private record Slice(
      int from,
      int to,
      int state,
      int stateStride,
      IUpdater updater,
      UpdateRule rule,
      Penalty penalty,
      boolean divided) {

    /** What of it lies in [first, last), or nothing. */
    Slice within(long first, long last) {
      var begin = (int) Math.max(from, first);
      var end = (int) Math.min(to, last);
      return begin >= end
          ? null
          : new Slice(
              begin, end, state + begin - from, stateStride, updater, rule, penalty, divided);
    }

    Penalty.Coefficients coefficients(int iteration, int epoch) {
      var rate = updater.hasLearningRate() ? updater.getLearningRate(iteration, epoch) : 1;
      return penalty.at(iteration, epoch, rate);
    }
  }

  /** One thread's share of the vectors, and the arrays that it works in. */
  private static final class Lane {
    private final List<Slice> slices;
    private final float[] parameters = new float[CHUNK];
    private final float[] gradient = new float[CHUNK];
    private final float[][] states;

    Lane(List<Slice> all, long from, long to) {
      slices = all.stream().map(s -> s.within(from, to)).filter(Objects::nonNull).toList();
      states = new float[slices.stream().mapToInt(s -> s.rule.states()).max().orElse(0)][CHUNK];
    }

    void apply(Vectors vectors, int iteration, int epoch, int count) {
      for (var slice : slices) {
        var formula = slice.rule.at(iteration, epoch);
        var penalty = slice.coefficients(iteration, epoch);
        for (int at = slice.from; at < slice.to; at += CHUNK) {
          var length = Math.min(CHUNK, slice.to - at);
          var state = slice.state + at - slice.from;
          vectors.parameters.get(at, parameters, 0, length);
          vectors.gradient.get(at, gradient, 0, length);
          for (int i = 0; i < slice.rule.states(); i++) {
            vectors.state.get(state + i * slice.stateStride, states[i], 0, length);
          }
          if (slice.divided) {
            divide(gradient, count, length);
          }
          penalty.addToGradient(gradient, parameters, length);
          formula.apply(gradient, states, length);
          penalty.addToStep(gradient, parameters, length);
          subtract(parameters, gradient, length);
          vectors.parameters.put(at, parameters, 0, length);
          for (int i = 0; i < slice.rule.states(); i++) {
            vectors.state.put(state + i * slice.stateStride, states[i], 0, length);
          }
        }
      }
    }

    private static void divide(float[] values, float divisor, int length) {
      for (int i = 0; i < length; i++) {
        values[i] /= divisor;
      }
    }

    private static void subtract(float[] from, float[] values, int length) {
      for (int i = 0; i < length; i++) {
        from[i] -= values[i];
      }
    }
  }
}
