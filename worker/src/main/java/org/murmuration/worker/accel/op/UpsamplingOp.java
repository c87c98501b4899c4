package org.murmuration.worker.accel.op;

import java.util.List;
import java.util.Map;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.Resampling;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Value;

/** Each pixel repeated as often as the output's size says. */
public final class UpsamplingOp extends Node {

  public UpsamplingOp(String layer, Value input, Value output) {
    super(layer, List.of(input), output);
  }

  @Override
  public Runnable emit(Emitter e) {
    var dnn = e.oneDnn();
    var in = e.tensor(input());
    var any = dnn.any(in.layout().type(), output().shape());
    var forward = Resampling.forward(dnn, e.training(), in.layout(), any);
    var layout = forward.layout(Argument.DST);
    var out = e.create(output(), layout);
    e.call("upsampling", forward, Map.of(Argument.SRC, in, Argument.DST, out));
    return () -> {
      var difference = e.create(in.layout());
      e.call(
          "upsampling's gradient",
          Resampling.backward(dnn, in.layout(), layout, forward),
          Map.of(Argument.DIFF_DST, e.gradient(output(), layout), Argument.DIFF_SRC, difference));
      e.contribute(input(), difference);
    };
  }
}
