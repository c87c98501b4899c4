package org.murmuration.worker.optimizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.nn.updater.UpdaterBlock.ParamState;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Parameters that are treated alike: [from, to) of the flat vector.
 *
 * @param state where the first state of the first parameter lies
 * @param stateStride how far the states of one parameter are apart
 * @param divided whether its gradient is a sum over the batch, which becomes a mean
 * @param weight whether they are weights, not biases, scales or shifts
 */
record Slice(
    int from,
    int to,
    int state,
    int stateStride,
    IUpdater updater,
    UpdateRule rule,
    Penalty penalty,
    boolean divided,
    boolean weight) {

  /** What of it lies in [first, last), or nothing. */
  Slice within(long first, long last) {
    var begin = (int) Math.max(from, first);
    var end = (int) Math.min(to, last);
    return begin >= end
        ? null
        : new Slice(
            begin, end, state + begin - from, stateStride, updater, rule, penalty, divided, weight);
  }

  Penalty.Coefficients coefficients(int iteration, int epoch) {
    var rate = updater.hasLearningRate() ? updater.getLearningRate(iteration, epoch) : 1;
    return penalty.at(iteration, epoch, rate);
  }

  /**
   * All of a network, one for each parameter array.
   *
   * @return nothing if DL4J's updater would do something that is not known here: another updater or
   *     regularisation, normalised or clipped gradients, or parameters that wait for pretraining
   */
  static Optional<List<Slice>> of(ComputationGraph graph) {
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
    return Optional.of(slices);
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

  /** Vertices that are no layers have none. */
  private static boolean isWeight(ParamState part) {
    return part.getLayer().getConfig() instanceof Layer layer
        && layer.initializer().isWeightParam(layer, part.getParamName());
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
        graph.conf().isMiniBatch() && part.getLayer().updaterDivideByMinibatch(part.getParamName()),
        isWeight(part));
  }
}
