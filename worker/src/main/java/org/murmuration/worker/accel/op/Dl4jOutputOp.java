package org.murmuration.worker.accel.op;

import java.util.List;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Parameter;
import org.murmuration.worker.accel.plan.Value;
import org.murmuration.worker.accel.plan.View;

/** An output layer that DL4J computes as a whole: its loss, its gradients. */
public final class Dl4jOutputOp extends Node {
  private final GraphVertex vertex;
  private final int labels;
  private final List<Parameter> parameters;

  /**
   * @param labels which of the network's outputs it is
   * @param parameters all that the layer has
   */
  public Dl4jOutputOp(
      GraphVertex vertex, Value input, Value output, int labels, List<Parameter> parameters) {
    super(vertex.getVertexName(), List.of(input), output);
    this.vertex = vertex;
    this.labels = labels;
    this.parameters = List.copyOf(parameters);
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  @Override
  public boolean isLoss() {
    return true;
  }

  @Override
  public Runnable emit(Emitter e) {
    var source = e.tensor(input(), e.plain(input()));
    var from = e.view(source);
    var expected = e.view(Labels.ofSize(e, layer(), labels, input()));
    var part = e.create(e.plain(input()));
    var to = e.view(part);
    var loss = new double[1];
    e.addLoss(() -> loss[0]);
    return () -> {
      e.run("loss in DL4J", () -> loss[0] = compute(from, expected, to), source, part);
      e.contribute(input(), part);
    };
  }

  private double compute(View from, View expected, View to) {
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
