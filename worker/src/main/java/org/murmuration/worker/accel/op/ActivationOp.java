package org.murmuration.worker.accel.op;

import java.util.List;
import java.util.Map;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.Elementwise;
import org.murmuration.worker.accel.onednn.Eltwise;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;

/** A function of each element. */
public final class ActivationOp extends Node {
  private final Eltwise function;

  public ActivationOp(String layer, Value input, Value output, Eltwise function) {
    super(layer, List.of(input), output);
    this.function = function;
  }

  /** The function. */
  public Eltwise function() {
    return function;
  }

  @Override
  public Runnable emit(Emitter e) {
    var in = e.tensor(input());
    var forward = Elementwise.forward(e.oneDnn(), e.training(), function, in.layout(), in.layout());
    var out = e.create(output(), in.layout());
    e.call("activation", forward, Map.of(Argument.SRC, in, Argument.DST, out));
    var data = function.derivedFromOutput() ? out : in;
    return () ->
        e.contribute(input(), backward(e, function, e.gradient(output(), data.layout()), data));
  }

  /** The gradient before the function, written over the one after it where that is allowed. */
  static Tensor backward(Emitter e, Eltwise function, Tensor gradient, Tensor data) {
    var aligned = e.in(data.layout(), gradient);
    var result = e.over(aligned);
    var layout = data.layout();
    e.call(
        "activation's gradient",
        Elementwise.backward(e.oneDnn(), function, layout, layout, layout),
        Map.of(
            function.derivedFromOutput() ? Argument.DST : Argument.SRC,
            data,
            Argument.DIFF_DST,
            aligned,
            Argument.DIFF_SRC,
            result));
    return result;
  }
}
