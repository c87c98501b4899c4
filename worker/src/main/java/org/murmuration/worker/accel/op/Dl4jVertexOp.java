package org.murmuration.worker.accel.op;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Parameter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;
import org.murmuration.worker.accel.plan.View;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A vertex that DL4J computes, on plain copies of what it reads. It finds its parameters and leaves
 * its gradients in the flat vectors by itself.
 */
public final class Dl4jVertexOp extends Node {
  private final GraphVertex vertex;
  private final boolean training;
  private final List<Parameter> parameters;

  /**
   * @param parameters all that the vertex has
   */
  public Dl4jVertexOp(
      GraphVertex vertex,
      List<Value> inputs,
      Value output,
      boolean training,
      List<Parameter> parameters) {
    super(vertex.getVertexName(), inputs, output);
    this.vertex = vertex;
    this.training = training;
    this.parameters = List.copyOf(parameters);
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  /** The layer keeps what it needs for its backward pass itself. */
  @Override
  public boolean repeatable() {
    return false;
  }

  @Override
  public Runnable emit(Emitter e) {
    var sources = inputs().stream().map(value -> e.tensor(value, e.plain(value))).toList();
    var views = sources.stream().map(e::view).toList();
    var out = e.create(output(), e.plain(output()));
    var result = e.view(out);
    var touched = new ArrayList<>(sources);
    touched.add(out);
    e.run("forward in DL4J", () -> forward(views, result), touched.toArray(Tensor[]::new));
    return () -> backward(e);
  }

  private void forward(List<View> views, View result) {
    var workspaces = LayerWorkspaceMgr.noWorkspaces();
    for (int i = 0; i < views.size(); i++) {
      // A copy, because some layers overwrite what they read.
      vertex.setInput(i, views.get(i).array().dup('c'), workspaces);
    }
    assign(result, vertex.doForward(training, workspaces));
  }

  private void backward(Emitter e) {
    var gradient = e.gradient(output(), e.plain(output()));
    var epsilon = e.view(gradient);
    var parts = inputs().stream().map(value -> e.create(e.plain(value))).toList();
    var views = parts.stream().map(e::view).toList();
    var touched = new ArrayList<>(parts);
    touched.add(gradient);
    e.run("backward in DL4J", () -> backward(epsilon, views), touched.toArray(Tensor[]::new));
    for (int i = 0; i < parts.size(); i++) {
      e.contribute(inputs().get(i), parts.get(i));
    }
  }

  private void backward(View epsilon, List<View> views) {
    vertex.setEpsilon(epsilon.array().dup('c'));
    var parts = vertex.doBackward(false, LayerWorkspaceMgr.noWorkspaces()).getSecond();
    for (int i = 0; i < views.size(); i++) {
      assign(views.get(i), parts[i]);
    }
    vertex.clear();
  }

  private void assign(View target, INDArray source) {
    if (source == null) {
      target.array().assign(0);
    } else {
      target.array().assign(source.reshape('c', target.array().shape()));
    }
  }
}
