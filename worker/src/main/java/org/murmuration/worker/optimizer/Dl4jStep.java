package org.murmuration.worker.optimizer;

import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;

/** DL4J's own updater, which can do everything, one operation after the other. */
final class Dl4jStep implements OptimizerStep {
  private final ComputationGraph graph;
  private final Gradient perParameter;

  Dl4jStep(ComputationGraph graph) {
    this.graph = graph;
    this.perParameter = perParameter(graph);
  }

  @Override
  public void apply(int iteration, int epoch, int count) {
    graph
        .getUpdater()
        .update(perParameter, iteration, epoch, count, LayerWorkspaceMgr.noWorkspaces());
    graph.params().subi(perParameter.gradient().reshape(graph.params().shape()));
    graph.applyConstraints(iteration, epoch);
  }

  /**
   * The views of the flat gradient by parameter. DL4J makes the like during backward, but a rank
   * that never has a sample never runs backward, and updates all the same. Frozen layers have no
   * views.
   */
  private static Gradient perParameter(ComputationGraph graph) {
    var gradient = new DefaultGradient(graph.getFlattenedGradients());
    for (var layer : graph.getLayers()) {
      if (layer.numParams() > 0 && layer.getGradientsViewArray() != null) {
        var conf = layer.conf();
        conf.getLayer()
            .initializer()
            .getGradientsFromFlattened(conf, layer.getGradientsViewArray())
            .forEach(
                (name, view) ->
                    gradient.setGradientFor(conf.getLayer().getLayerName() + "_" + name, view));
      }
    }
    return gradient;
  }
}
