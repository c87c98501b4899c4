package org.murmuration.worker.accel.op;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.Eltwise;
import org.murmuration.worker.accel.onednn.Pooling;
import org.murmuration.worker.accel.onednn.Pooling.Kind;
import org.murmuration.worker.accel.onednn.Primitive;
import org.murmuration.worker.accel.onednn.Window;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;

/** Pooling, with an activation after it if wanted. */
public final class PoolOp extends Node implements Fusable {
  private final Kind kind;
  private final Window window;
  private final FusedActivation activation;

  public PoolOp(String layer, Value input, Value output, Kind kind, Window window) {
    this(layer, input, output, kind, window, FusedActivation.none());
  }

  private PoolOp(
      String layer,
      Value input,
      Value output,
      Kind kind,
      Window window,
      FusedActivation activation) {
    super(layer, List.of(input), output);
    this.kind = kind;
    this.window = window;
    this.activation = activation;
  }

  /** Whether a function that never decreases may as well be applied after this. */
  public boolean commutesWithMonotone() {
    return kind == Kind.MAXIMUM && !activation.isPresent();
  }

  /** The same of another value. */
  public PoolOp of(Value newInput, Value newOutput) {
    return new PoolOp(layer(), newInput, newOutput, kind, window, activation);
  }

  @Override
  public Optional<Fusable> withActivation(Eltwise function, Value newOutput) {
    if (activation.isPresent() || !function.derivedFromOutput()) {
      return Optional.empty();
    }
    var fused = new FusedActivation(Optional.of(function));
    return Optional.of(new PoolOp(layer(), input(), newOutput, kind, window, fused));
  }

  @Override
  public Runnable emit(Emitter e) {
    var dnn = e.oneDnn();
    var in = e.tensor(input());
    var forward =
        Pooling.forward(
            dnn,
            e.training(),
            kind,
            in.layout(),
            dnn.any(in.layout().type(), output().shape()),
            window,
            activation.postOps());
    var arguments = new LinkedHashMap<Argument, Tensor>();
    arguments.put(Argument.SRC, in);
    arguments.put(Argument.DST, e.create(output(), forward.layout(Argument.DST)));
    var workspace = workspace(e, forward);
    workspace.ifPresent(w -> arguments.put(Argument.WORKSPACE, w));
    e.call("pooling", forward, arguments);
    return () -> backward(e, forward, workspace);
  }

  private void backward(Emitter e, Primitive forward, Optional<Tensor> workspace) {
    var in = e.tensor(input()).layout();
    var out = e.tensor(output());
    var gradient = activation.backward(e, e.gradient(output(), out.layout()), out);
    var difference = e.create(in);
    var arguments = new LinkedHashMap<Argument, Tensor>();
    arguments.put(Argument.DIFF_DST, gradient);
    arguments.put(Argument.DIFF_SRC, difference);
    workspace.ifPresent(w -> arguments.put(Argument.WORKSPACE, w));
    e.call(
        "pooling's gradient",
        Pooling.backward(e.oneDnn(), kind, in, out.layout(), window, forward),
        arguments);
    e.contribute(input(), difference);
  }

  private Optional<Tensor> workspace(Emitter e, Primitive forward) {
    return e.training() && kind == Kind.MAXIMUM
        ? Optional.of(e.create(forward.layout(Argument.WORKSPACE)))
        : Optional.empty();
  }
}
