package org.murmuration.worker.accel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Some training steps.
 *
 * @param losses the mean loss of each batch before its step
 * @param moved how far the parameters are from where they began, in double precision
 */
record Course(List<Double> losses, INDArray moved) {

  /**
   * One step for each batch; DL4J's updater updates.
   *
   * @param gradient fills the graph's gradient vector and returns the sum of the losses
   */
  static Course of(
      ComputationGraph graph, ToDoubleFunction<MultiDataSet> gradient, List<MultiDataSet> batches) {
    var start = graph.params().castTo(DataType.DOUBLE).dup();
    List<Double> losses = new ArrayList<>();
    for (var batch : batches) {
      var count = Math.toIntExact(batch.getFeatures(0).size(0));
      losses.add(gradient.applyAsDouble(batch) / count);
      update(graph, count);
    }
    return new Course(losses, graph.params().castTo(DataType.DOUBLE).sub(start));
  }

  private static void update(ComputationGraph graph, int count) {
    var gradient = graph.getFlattenedGradients();
    var configuration = graph.getConfiguration();
    graph
        .getUpdater()
        .update(
            new DefaultGradient(gradient),
            configuration.getIterationCount(),
            configuration.getEpochCount(),
            count,
            LayerWorkspaceMgr.noWorkspaces());
    graph.params().subi(gradient.reshape(graph.params().shape()));
    configuration.setIterationCount(configuration.getIterationCount() + 1);
  }

  /** The relative error of a loss. */
  double lossError(int step, Course truth) {
    return Math.abs(losses.get(step) / truth.losses.get(step) - 1);
  }

  /** How far from the truth's the parameters are, in parts of the way that those have gone. */
  double parameterError(Course truth) {
    return moved.sub(truth.moved).norm2Number().doubleValue()
        / truth.moved.norm2Number().doubleValue();
  }
}
