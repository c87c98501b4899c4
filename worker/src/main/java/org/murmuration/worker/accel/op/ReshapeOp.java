package org.murmuration.worker.accel.op;

import java.util.List;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;

/** The same numbers, row after row, in another shape. */
public final class ReshapeOp extends Node {

  public ReshapeOp(String layer, Value input, Value output) {
    super(layer, List.of(input), output);
  }

  @Override
  public Runnable emit(Emitter e) {
    e.define(output(), reshaped(e, e.tensor(input()), input(), output()));
    return () -> e.contribute(input(), reshaped(e, e.gradient(output()), output(), input()));
  }

  private static Tensor reshaped(Emitter e, Tensor tensor, Value from, Value to) {
    var type = tensor.layout().type();
    return e.in(e.oneDnn().plain(type, from.shape()), tensor)
        .as(e.oneDnn().plain(type, to.shape()));
  }
}
