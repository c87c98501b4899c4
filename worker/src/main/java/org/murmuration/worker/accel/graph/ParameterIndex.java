package org.murmuration.worker.accel.graph;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.murmuration.worker.accel.plan.Parameter;

/** Where the parameters of each vertex lie in the network's flat vector. */
final class ParameterIndex {

  /** A part of the flat vector. */
  private record Slice(long offset, long length) {}

  private final Map<String, Map<String, Slice>> slices = new HashMap<>();

  ParameterIndex(ComputationGraph graph) {
    for (int index : graph.topologicalSortOrder()) {
      GraphVertex vertex = graph.getVertices()[index];
      Map<String, Slice> own = new LinkedHashMap<>();
      if (vertex.numParams() > 0) {
        for (var entry : vertex.paramTable(false).entrySet()) {
          // Not added up: some layers list their parameters in another order than they lie.
          var view = entry.getValue();
          var offset = view.offset() - graph.params().offset();
          own.put(entry.getKey(), new Slice(offset, view.length()));
        }
      }
      slices.put(vertex.getVertexName(), own);
    }
  }

  /** Whether a vertex has this parameter. */
  boolean has(String vertex, String key) {
    return slices.get(vertex).containsKey(key);
  }

  /** One parameter in a shape with strides. */
  Parameter parameter(String vertex, String key, long[] shape, long[] strides) {
    return new Parameter(slice(vertex, key).offset, shape, strides);
  }

  /** One parameter in a plain shape. */
  Parameter plain(String vertex, String key, long... shape) {
    return Parameter.plain(slice(vertex, key).offset, shape);
  }

  /** All parameters of a vertex, each as a row of numbers. */
  List<Parameter> all(String vertex) {
    return slices.get(vertex).values().stream()
        .map(slice -> Parameter.plain(slice.offset, slice.length))
        .toList();
  }

  private Slice slice(String vertex, String key) {
    var slice = slices.get(vertex).get(key);
    if (slice == null) {
      throw new NotCompilableException("it has no parameter " + key);
    }
    return slice;
  }
}
