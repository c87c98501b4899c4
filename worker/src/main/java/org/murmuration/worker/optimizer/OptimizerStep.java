package org.murmuration.worker.optimizer;

import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * One step of a network's optimizer. For one thread at a time. The optimizer's state stays in the
 * array of DL4J's updater, where checkpoints and saved models read it.
 */
public interface OptimizerStep {

  /**
   * The fastest way to take the steps that DL4J's updater would take with this network's
   * configuration as it is now.
   *
   * @param graph an initialised fp32 network that has its gradient vector; the parameters, the
   *     gradient and the optimizer's state are found in it anew at each step
   * @param threads how many threads may share the vectors; results don't depend on it
   */
  static OptimizerStep of(ComputationGraph graph, int threads) {
    return LayerwiseStep.of(graph, threads)
        .<OptimizerStep>map(layerwise -> layerwise)
        .or(() -> FusedStep.of(graph, threads))
        .orElseGet(() -> new Dl4jStep(graph));
  }

  /**
   * Changes the parameters and the optimizer's state by the network's gradient vector, which holds
   * nothing of use afterwards. Constraints are applied.
   *
   * @param iteration the steps before this one: learning-rate schedules go by it
   * @param epoch the epochs before this one
   * @param count the samples whose gradients were summed. What DL4J doesn't divide by the batch,
   *     such as the steps of running statistics, is taken as it is
   */
  void apply(int iteration, int epoch, int count);
}
