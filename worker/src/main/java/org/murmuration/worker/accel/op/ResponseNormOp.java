package org.murmuration.worker.accel.op;

import java.util.LinkedHashMap;
import java.util.List;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.ResponseNorm;
import org.murmuration.worker.accel.onednn.ResponseNorm.Constants;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;

/** Local response normalisation (Krizhevsky et al. 2012). */
public final class ResponseNormOp extends Node {
  private final Constants constants;

  public ResponseNormOp(String layer, Value input, Value output, Constants constants) {
    super(layer, List.of(input), output);
    this.constants = constants;
  }

  @Override
  public Runnable emit(Emitter e) {
    var in = e.tensor(input());
    var layout = in.layout();
    var forward = ResponseNorm.forward(e.oneDnn(), e.training(), layout, layout, constants);
    var arguments = new LinkedHashMap<Argument, Tensor>();
    arguments.put(Argument.SRC, in);
    var workspace = forward.layout(Argument.WORKSPACE);
    if (workspace.bytes() > 0) {
      arguments.put(Argument.WORKSPACE, e.create(workspace));
    }
    arguments.put(Argument.DST, e.create(output(), layout));
    e.call("response normalisation", forward, arguments);
    return () -> {
      arguments.remove(Argument.DST);
      arguments.put(Argument.DIFF_DST, e.gradient(output(), layout));
      arguments.put(Argument.DIFF_SRC, e.create(layout));
      var backward = ResponseNorm.backward(e.oneDnn(), layout, layout, layout, constants, forward);
      e.call("response normalisation's gradient", backward, arguments);
      e.contribute(input(), arguments.get(Argument.DIFF_SRC));
    };
  }
}
