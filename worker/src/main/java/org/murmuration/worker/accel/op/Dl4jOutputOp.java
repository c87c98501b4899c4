package org.murmuration.worker.accel.op;

import java.util.List;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.murmuration.worker.accel.plan.Parameter;
import org.murmuration.worker.accel.plan.Value;
import org.murmuration.worker.accel.plan.View;

/** An output layer that DL4J computes as a whole: its loss, its gradients. */
public final class Dl4jOutputOp extends Dl4jLoss {
  private final GraphVertex vertex;
  private final List<Parameter> parameters;

  /**
   * @param labels which of the network's outputs it is
   * @param parameters all that the layer has
   */
  public Dl4jOutputOp(
      GraphVertex vertex, Value input, Value output, int labels, List<Parameter> parameters) {
    super(vertex.getVertexName(), input, output, labels);
    this.vertex = vertex;
    this.parameters = List.copyOf(parameters);
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  @Override
  double compute(View from, View expected, View to) {
    var workspaces = LayerWorkspaceMgr.noWorkspaces();
    var layer = (IOutputLayer) vertex.getLayer();
    vertex.setInput(0, from.array().dup('c'), workspaces);
    layer.setLabels(expected.array());
    var mean = layer.computeScore(0, true, workspaces);
    var gradient = vertex.doBackward(false, workspaces).getSecond()[0];
    to.array().assign(gradient.reshape('c', to.array().shape()));
    vertex.clear();
    return mean * input().size(0);
  }
}
