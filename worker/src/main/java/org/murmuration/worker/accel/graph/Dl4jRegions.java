package org.murmuration.worker.accel.graph;

import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.inputs.InvalidInputTypeException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.murmuration.worker.accel.op.Dl4jOutputOp;
import org.murmuration.worker.accel.op.Dl4jVertexOp;
import org.murmuration.worker.accel.plan.Operation;
import org.murmuration.worker.accel.plan.Parameter;
import org.murmuration.worker.accel.plan.Value;

/** Makes operations of the vertices that DL4J computes. */
final class Dl4jRegions {
  private static final Set<Class<?>> CHANGE_THE_BATCH =
      Set.of(StackVertex.class, UnstackVertex.class);

  private final ComputationGraph graph;
  private final boolean training;

  Dl4jRegions(ComputationGraph graph, boolean training) {
    this.graph = graph;
    this.training = training;
  }

  /** DL4J's name of what a vertex is. */
  String type(GraphVertex vertex) {
    return vertex.hasLayer()
        ? vertex.getLayer().conf().getLayer().getClass().getSimpleName()
        : vertex.getClass().getSimpleName();
  }

  /**
   * A vertex as an operation.
   *
   * @throws NotCompilableException when even that can't be, and so not the whole network
   */
  Operation operation(
      GraphVertex vertex, List<Value> inputs, boolean frozen, List<Parameter> parameters) {
    var name = vertex.getVertexName();
    if (frozen) {
      throw new NotCompilableException(
          "the frozen layer \"%s\" is of a kind that is not compiled".formatted(name));
    }
    if (vertex.getLayer() instanceof RecurrentLayer) {
      throw new NotCompilableException("\"%s\" is recurrent".formatted(name));
    }
    inputs.forEach(Value::keepExact);
    var output = new Value(name, outputShape(vertex, inputs));
    output.keepExact();
    int index = graph.getConfiguration().getNetworkOutputs().indexOf(name);
    return training && index >= 0 && vertex.getLayer() instanceof IOutputLayer
        ? new Dl4jOutputOp(vertex, inputs.get(0), output, index, parameters)
        : new Dl4jVertexOp(vertex, inputs, output, training, parameters);
  }

  private long[] outputShape(GraphVertex vertex, List<Value> inputs) {
    var conf = graph.getConfiguration().getVertices().get(vertex.getVertexName());
    if (CHANGE_THE_BATCH.contains(conf.getClass())) {
      throw new NotCompilableException(
          "\"%s\" changes the size of the batch".formatted(vertex.getVertexName()));
    }
    if (conf instanceof SubsetVertex subset) {
      // DL4J takes from - to + 1 for the number of channels.
      return subset(subset, inputs.get(0));
    }
    var types = inputs.stream().map(Dl4jRegions::type).toArray(InputType[]::new);
    try {
      return shape(vertex.getVertexName(), inputs, conf.getOutputType(0, types));
    } catch (InvalidInputTypeException e) {
      throw new NotCompilableException(
          "the output of \"%s\" has no known shape: %s"
              .formatted(vertex.getVertexName(), e.getMessage()));
    }
  }

  private static long[] subset(SubsetVertex conf, Value input) {
    var shape = input.shape();
    shape[1] = conf.getTo() - conf.getFrom() + 1L;
    return shape;
  }

  private static InputType type(Value value) {
    return switch (value.rank()) {
      case 2 -> InputType.feedForward(value.size(1));
      case 4 -> InputType.convolutional(value.size(2), value.size(3), value.size(1));
      default ->
          throw new NotCompilableException(
              "%s has rank %d, compiled are 2 and 4".formatted(value, value.rank()));
    };
  }

  private static long[] shape(String name, List<Value> inputs, InputType type) {
    long count = inputs.get(0).size(0);
    return switch (type.getType()) {
      case FF -> new long[] {count, type.arrayElementsPerExample()};
      case CNN -> {
        var image = (InputTypeConvolutional) type;
        yield new long[] {count, image.getChannels(), image.getHeight(), image.getWidth()};
      }
      default ->
          throw new NotCompilableException(
              "the output of \"%s\" is %s, compiled are rows and images".formatted(name, type));
    };
  }
}
