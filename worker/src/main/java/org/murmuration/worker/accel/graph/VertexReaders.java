package org.murmuration.worker.accel.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.murmuration.worker.accel.op.LinearCombinationOp;
import org.murmuration.worker.accel.op.MergeOp;
import org.murmuration.worker.accel.op.MultiplicationOp;
import org.murmuration.worker.accel.op.ReshapeOp;
import org.murmuration.worker.accel.plan.Operation;
import org.murmuration.worker.accel.plan.Value;

/** Reads the vertices that are not layers, and what reshapes a layer's input. */
final class VertexReaders {

  /** Makes the operation of one kind of vertex. */
  @FunctionalInterface
  private interface VertexReader {
    Operation read(String name, GraphVertex conf, List<Value> inputs);
  }

  private static final Map<Class<?>, VertexReader> BY_CLASS =
      Map.of(
          ElementWiseVertex.class,
          (name, conf, inputs) -> elementWise(name, (ElementWiseVertex) conf, inputs),
          MergeVertex.class,
          (name, conf, inputs) -> merge(name, (MergeVertex) conf, inputs),
          ScaleVertex.class,
          (name, conf, inputs) -> scale(name, (ScaleVertex) conf, inputs),
          PreprocessorVertex.class,
          (name, conf, inputs) ->
              reshape(name, ((PreprocessorVertex) conf).getPreProcessor(), inputs.get(0)));

  private VertexReaders() {}

  /**
   * The operation of a vertex.
   *
   * @throws NotCompilableException when DL4J must compute it
   */
  static Operation read(String name, GraphVertex conf, List<Value> inputs) {
    var reader = BY_CLASS.get(conf.getClass());
    if (reader == null) {
      throw new NotCompilableException("this kind of vertex is not compiled");
    }
    return reader.read(name, conf, inputs);
  }

  /**
   * What a preprocessor does to a layer's input.
   *
   * @throws NotCompilableException when DL4J must compute it
   */
  static Operation reshape(String name, InputPreProcessor preProcessor, Value input) {
    if (preProcessor instanceof CnnToFeedForwardPreProcessor flatten
        && flatten.getFormat() == CNN2DFormat.NCHW) {
      return new ReshapeOp(
          name, input, new Value(name, input.size(0), input.length() / input.size(0)));
    }
    if (preProcessor instanceof FeedForwardToCnnPreProcessor image && input.rank() == 2) {
      return new ReshapeOp(
          name,
          input,
          new Value(
              name,
              input.size(0),
              image.getNumChannels(),
              image.getInputHeight(),
              image.getInputWidth()));
    }
    throw new NotCompilableException(
        "its preprocessor %s is not compiled".formatted(preProcessor.getClass().getSimpleName()));
  }

  private static Operation elementWise(String name, ElementWiseVertex conf, List<Value> inputs) {
    requireOneShape(inputs);
    var output = new Value(name, inputs.get(0).shape());
    return switch (conf.getOp()) {
      case Add -> new LinearCombinationOp(name, inputs, output, repeated(1f, inputs.size()));
      case Subtract -> new LinearCombinationOp(name, requireTwo(inputs), output, 1, -1);
      case Average ->
          new LinearCombinationOp(
              name, inputs, output, repeated(1f / inputs.size(), inputs.size()));
      case Product -> new MultiplicationOp(name, requireTwo(inputs).get(0), inputs.get(1), output);
      case Max -> throw new NotCompilableException("the maximum of several is not compiled");
    };
  }

  private static Operation merge(String name, MergeVertex conf, List<Value> inputs) {
    if (conf.getMergeAxis() != 1) {
      throw new NotCompilableException(
          "it merges along dimension %d, compiled is 1".formatted(conf.getMergeAxis()));
    }
    var shape = inputs.get(0).shape();
    shape[1] = inputs.stream().mapToLong(value -> value.size(1)).sum();
    return new MergeOp(name, inputs, new Value(name, shape));
  }

  private static Operation scale(String name, ScaleVertex conf, List<Value> inputs) {
    return new LinearCombinationOp(
        name, inputs, new Value(name, inputs.get(0).shape()), (float) conf.getScaleFactor());
  }

  private static float[] repeated(float factor, int times) {
    var factors = new float[times];
    Arrays.fill(factors, factor);
    return factors;
  }

  private static void requireOneShape(List<Value> inputs) {
    if (inputs.stream().map(Value::shape).map(Arrays::toString).distinct().count() > 1) {
      throw new NotCompilableException("its inputs have several shapes " + inputs);
    }
  }

  private static List<Value> requireTwo(List<Value> inputs) {
    if (inputs.size() != 2) {
      throw new NotCompilableException(
          "it combines %d inputs, compiled are 2".formatted(inputs.size()));
    }
    return inputs;
  }
}
