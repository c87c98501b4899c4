package org.murmuration.worker.accel.op;

import java.util.List;
import java.util.Map;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.Elementwise;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Value;

/** Softmax over the second dimension at the end of a network that only infers. */
public final class SoftmaxOp extends Node {

  public SoftmaxOp(String layer, Value input, Value output) {
    super(layer, List.of(input), output);
  }

  @Override
  public Runnable emit(Emitter e) {
    var in = e.tensor(input(), e.plain(input()));
    var out = e.create(output(), in.layout());
    e.call(
        "softmax",
        Elementwise.softmax(e.oneDnn(), in.layout(), out.layout()),
        Map.of(Argument.SRC, in, Argument.DST, out));
    return () -> {
      throw new IllegalStateException(layer() + " is the end of a network that only infers");
    };
  }
}
