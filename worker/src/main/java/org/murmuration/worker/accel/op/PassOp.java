package org.murmuration.worker.accel.op;

import java.util.List;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Value;

/** The input itself; its gradient goes on or ends here. */
public final class PassOp extends Node {
  private final boolean stop;

  private PassOp(String layer, Value input, Value output, boolean stop) {
    super(layer, List.of(input), output);
    this.stop = stop;
  }

  /** Nothing happens. */
  public static PassOp identity(String layer, Value input, Value output) {
    return new PassOp(layer, input, output, false);
  }

  /** Nothing before it learns from what comes after it. */
  public static PassOp detach(String layer, Value input, Value output) {
    return new PassOp(layer, input, output, true);
  }

  @Override
  public boolean stopsGradient() {
    return stop;
  }

  @Override
  public Runnable emit(Emitter e) {
    e.define(output(), e.raw(input()));
    return () -> e.contribute(input(), e.gradient(output()));
  }
}
