package org.murmuration.worker.accel.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.murmuration.worker.accel.op.ActivationOp;
import org.murmuration.worker.accel.plan.Operation;
import org.murmuration.worker.accel.plan.Parameter;
import org.murmuration.worker.accel.plan.Value;
import org.nd4j.linalg.activations.IActivation;

/** A layer in its place: what it reads, and where its operations go. */
public final class LayerSite {

  /**
   * What holds for a layer in this network.
   *
   * @param name the vertex
   * @param conf DL4J's configuration
   * @param training whether there will be a backward pass
   * @param frozen whether the layer doesn't learn, and so computes as in inference
   * @param output which of the network's outputs it is, or -1
   */
  record Role(String name, Layer conf, boolean training, boolean frozen, int output) {}

  private final Role role;
  private final Value input;
  private final ParameterIndex parameters;
  private final List<Operation> operations = new ArrayList<>();

  LayerSite(Role role, Value input, ParameterIndex parameters) {
    this.role = role;
    this.input = input;
    this.parameters = parameters;
  }

  /** The layer's name. */
  public String name() {
    return role.name();
  }

  /** What the layer reads. */
  public Value input() {
    return input;
  }

  /** Adds an operation and returns its output. */
  public Value add(Operation operation) {
    operations.add(operation);
    return operation.output();
  }

  /** A new value of the layer. */
  public Value value(long... shape) {
    return new Value(name(), shape);
  }

  /**
   * The input as images.
   *
   * @throws NotCompilableException when it is of another rank
   */
  public Value images() {
    return ofRank(input, 4);
  }

  /** The input as rows. */
  Value rows() {
    return ofRank(input, 2);
  }

  Role role() {
    return role;
  }

  /** Whether its parameters learn. */
  public boolean learns() {
    return role.training() && !role.frozen();
  }

  List<Operation> operations() {
    return operations;
  }

  Parameter parameter(String key, long[] shape, long[] strides) {
    return parameters.parameter(name(), key, shape, strides);
  }

  /** A parameter of the layer, plain. */
  public Parameter parameter(String key, long... shape) {
    return parameters.plain(name(), key, shape);
  }

  Optional<Parameter> ifPresent(String key, long... shape) {
    return parameters.has(name(), key) ? Optional.of(parameter(key, shape)) : Optional.empty();
  }

  /** Adds an activation function after a value. */
  Value activated(Value value, IActivation activation) {
    if (Activations.isIdentity(activation)) {
      return value;
    }
    return add(new ActivationOp(name(), value, value(value.shape()), Activations.of(activation)));
  }

  /**
   * @throws NotCompilableException when the layer adds noise to its weights
   */
  void requireNoWeightNoise() {
    if (role.conf() instanceof BaseLayer layer && layer.getWeightNoise() != null) {
      throw new NotCompilableException("it adds noise to its weights");
    }
  }

  private static Value ofRank(Value value, int rank) {
    if (value.rank() != rank) {
      throw new NotCompilableException(
          "its input has rank %d, compiled is rank %d".formatted(value.rank(), rank));
    }
    return value;
  }
}
