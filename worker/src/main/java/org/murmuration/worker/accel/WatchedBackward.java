package org.murmuration.worker.accel;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.layers.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.murmuration.worker.accel.plan.GradientListener;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Tells which part of the gradient vector is finished while DL4J goes backward: layers are wrapped
 * until this is closed. DL4J goes through the vertices in the reverse of the order in which their
 * parameters lie in the vector, so when a layer is done, so is everything behind it; layers that
 * DL4J looks at by class are left as they are, and are told with the next one that is wrapped.
 */
final class WatchedBackward implements AutoCloseable {
  private static final Set<Class<?>> KNOWN_BY_CLASS =
      Set.of(
          IOutputLayer.class,
          RecurrentLayer.class,
          FrozenLayer.class,
          FrozenLayerWithBackprop.class);

  private final GradientListener listener;
  private final List<LayerVertex> wrapped = new ArrayList<>();

  /** What is not finished yet begins at 0 and ends here. */
  private long unfinished;

  WatchedBackward(ComputationGraph graph, GradientListener listener) {
    this.listener = listener;
    this.unfinished = graph.numParams();
    long offset = 0;
    for (int index : graph.topologicalSortOrder()) {
      var vertex = graph.getVertices()[index];
      if (vertex.hasLayer() && vertex instanceof LayerVertex layerVertex) {
        wrap(layerVertex, offset);
      }
      offset += vertex.numParams();
    }
  }

  private void wrap(LayerVertex vertex, long offset) {
    var layer = vertex.getLayer();
    if (KNOWN_BY_CLASS.stream().noneMatch(type -> type.isInstance(layer))) {
      vertex.setLayer(new Watched(layer, offset));
      wrapped.add(vertex);
    }
  }

  /** Tells of what no layer has told of, after backward. */
  void finish() {
    finishedFrom(0);
  }

  @Override
  public void close() {
    for (var vertex : wrapped) {
      vertex.setLayer(((Watched) vertex.getLayer()).layer());
    }
  }

  private void finishedFrom(long offset) {
    if (offset < unfinished) {
      // On a GPU the values may still be on their way.
      Nd4j.getExecutioner().commit();
      listener.ready(offset, unfinished - offset);
      unfinished = offset;
    }
  }

  /** A layer that says when its gradient is there. */
  private final class Watched extends BaseWrapperLayer {
    private static final long serialVersionUID = 1L;

    private final transient long offset;

    Watched(Layer layer, long offset) {
      super(layer);
      this.offset = offset;
    }

    Layer layer() {
      return underlying;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(
        INDArray epsilon, LayerWorkspaceMgr workspaces) {
      var result = super.backpropGradient(epsilon, workspaces);
      finishedFrom(offset);
      return result;
    }
  }
}
