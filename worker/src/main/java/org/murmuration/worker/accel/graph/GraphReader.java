package org.murmuration.worker.accel.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.murmuration.worker.accel.op.DropoutOp;
import org.murmuration.worker.accel.op.PassOp;
import org.murmuration.worker.accel.plan.Operation;
import org.murmuration.worker.accel.plan.Parameter;
import org.murmuration.worker.accel.plan.Program;
import org.murmuration.worker.accel.plan.Value;

/** Reads a DL4J graph for batches of one shape, vertex by vertex in topological order. */
public final class GraphReader {
  private final ComputationGraph graph;
  private final boolean training;
  private final ParameterIndex parameters;
  private final Dl4jRegions dl4j;
  private final Map<Integer, Value> values = new HashMap<>();
  private final List<Value> inputs = new ArrayList<>();
  private final List<Operation> operations = new ArrayList<>();
  private final List<Placement> placements = new ArrayList<>();
  private final List<Parameter> frozen = new ArrayList<>();

  private GraphReader(ComputationGraph graph, boolean training) {
    this.graph = graph;
    this.training = training;
    this.parameters = new ParameterIndex(graph);
    this.dl4j = new Dl4jRegions(graph, training);
  }

  /**
   * Reads a network.
   *
   * @param graph an initialised network
   * @param featureShapes of the batch's inputs, in the order of the network's
   * @param training whether losses and gradients are wanted; else the outputs are
   * @throws NotCompilableException when DL4J must compute all of it
   */
  public static Reading read(ComputationGraph graph, List<long[]> featureShapes, boolean training) {
    var reader = new GraphReader(graph, training);
    reader.addInputs(featureShapes);
    for (int index : graph.topologicalSortOrder()) {
      var vertex = graph.getVertices()[index];
      if (!vertex.isInputVertex()) {
        reader.values.put(index, reader.add(vertex));
      }
    }
    var names = graph.getConfiguration().getNetworkOutputs();
    var outputs =
        names.stream()
            .map(name -> reader.values.get(graph.getVertex(name).getVertexIndex()))
            .toList();
    var fused = Fusion.apply(reader.operations, new HashSet<>(outputs));
    return new Reading(
        new Program(reader.inputs, fused, outputs, reader.frozen), reader.placements);
  }

  /** The placement of a network that DL4J computes as a whole. */
  public static List<Placement> allInDl4j(ComputationGraph graph, String reason) {
    var dl4j = new Dl4jRegions(graph, true);
    return Arrays.stream(graph.getVertices())
        .filter(vertex -> !vertex.isInputVertex())
        .map(v -> new Placement(v.getVertexName(), dl4j.type(v), false, reason))
        .toList();
  }

  private void addInputs(List<long[]> shapes) {
    var names = graph.getConfiguration().getNetworkInputs();
    if (names.size() != shapes.size()) {
      throw new IllegalArgumentException(
          "the network has the %d inputs %s, the batch has %d"
              .formatted(names.size(), names, shapes.size()));
    }
    for (int i = 0; i < names.size(); i++) {
      var value = new Value(names.get(i), shapes.get(i));
      inputs.add(value);
      values.put(graph.getVertex(names.get(i)).getVertexIndex(), value);
    }
  }

  private Value add(GraphVertex vertex) {
    var name = vertex.getVertexName();
    List<Value> read = new ArrayList<>();
    for (var source : vertex.getInputVertices()) {
      read.add(values.get(source.getVertexIndex()));
    }
    var type = dl4j.type(vertex);
    try {
      var own =
          vertex instanceof LayerVertex layer ? layer(layer, read.get(0)) : vertex(name, read);
      placements.add(new Placement(name, type, true, ""));
      return own;
    } catch (NotCompilableException e) {
      var operation = dl4j.operation(vertex, read, frozen(vertex), parameters.all(name));
      placements.add(new Placement(name, type, false, e.getMessage()));
      operations.add(operation);
      return operation.output();
    }
  }

  private Value vertex(String name, List<Value> read) {
    var conf = graph.getConfiguration().getVertices().get(name);
    var operation = VertexReaders.read(name, conf, read);
    operations.add(operation);
    return operation.output();
  }

  private Value layer(LayerVertex vertex, Value read) {
    var name = vertex.getVertexName();
    var isFrozen = frozen(vertex);
    List<Operation> own = new ArrayList<>();
    var input = read;
    if (isFrozen) {
      input = append(own, PassOp.detach(name, input, new Value(name, input.shape())));
    }
    if (vertex.getLayerPreProcessor() != null) {
      input = append(own, VertexReaders.reshape(name, vertex.getLayerPreProcessor(), input));
    }
    var conf = conf(vertex);
    if (training && !isFrozen && conf.getIDropout() != null) {
      input = append(own, dropout(name, conf, input));
    }
    int output = graph.getConfiguration().getNetworkOutputs().indexOf(name);
    var role = new LayerSite.Role(name, conf, training, isFrozen, output);
    var site = new LayerSite(role, input, parameters);
    site.requireNoWeightNoise();
    var result = LayerReaders.of(conf).read(site);
    operations.addAll(own);
    operations.addAll(site.operations());
    if (isFrozen || isFixed(conf)) {
      frozen.addAll(parameters.all(name));
    }
    return result;
  }

  private Operation dropout(String name, Layer conf, Value input) {
    return new DropoutOp(
        name,
        input,
        new Value(name, input.shape()),
        conf.getIDropout(),
        graph.getConfiguration()::getIterationCount,
        graph.getConfiguration()::getEpochCount);
  }

  private static Value append(List<Operation> list, Operation operation) {
    list.add(operation);
    return operation.output();
  }

  private static boolean frozen(GraphVertex vertex) {
    return vertex.getLayer() instanceof FrozenLayer;
  }

  private static boolean isFixed(Layer conf) {
    return conf instanceof Compilable own && !own.learns();
  }

  private static Layer conf(GraphVertex vertex) {
    var layer = vertex.getLayer();
    return layer instanceof FrozenLayer wrapper
        ? wrapper.getInsideLayer().conf().getLayer()
        : layer.conf().getLayer();
  }
}
