package org.murmuration.worker.accel.op;

import java.util.List;
import java.util.Map;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.Binary;
import org.murmuration.worker.accel.onednn.Elementwise;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;

/** The product of two values of one shape, element by element. */
public final class MultiplicationOp extends Node {
  private final Value first;
  private final Value second;

  public MultiplicationOp(String layer, Value first, Value second, Value output) {
    super(layer, List.of(first, second), output);
    this.first = first;
    this.second = second;
  }

  @Override
  public Runnable emit(Emitter e) {
    var left = e.tensor(first);
    var right = e.tensor(second, left.layout());
    e.define(output(), product(e, left, right));
    return () -> {
      var gradient = e.gradient(output(), left.layout());
      if (e.wantsGradient(first)) {
        e.contribute(first, product(e, gradient, right));
      }
      if (e.wantsGradient(second)) {
        e.contribute(second, product(e, gradient, left));
      }
    };
  }

  private static Tensor product(Emitter e, Tensor left, Tensor right) {
    var layout = left.layout();
    var result = e.create(layout);
    e.call(
        "multiplication",
        Elementwise.binary(e.oneDnn(), Binary.MULTIPLY, layout, layout, layout, List.of()),
        Map.of(Argument.SRC, left, Argument.SRC_1, right, Argument.DST, result));
    return result;
  }
}
