package org.murmuration.worker.accel.op;

import java.util.List;
import java.util.function.IntSupplier;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Value;

/** Any of DL4J's dropouts, drawn by ND4J's generator as DL4J would. */
public final class DropoutOp extends Node {
  private final IDropout dropout;
  private final IntSupplier iteration;
  private final IntSupplier epoch;

  public DropoutOp(
      String layer,
      Value input,
      Value output,
      IDropout dropout,
      IntSupplier iteration,
      IntSupplier epoch) {
    super(layer, List.of(input), output);
    this.dropout = dropout;
    this.iteration = iteration;
    this.epoch = epoch;
  }

  @Override
  public Runnable emit(Emitter e) {
    var in = e.tensor(input(), e.plain(input()));
    var out = e.create(output(), e.plain(output()));
    var from = e.view(in);
    var to = e.view(out);
    e.run(
        "dropout",
        () ->
            dropout.applyDropout(
                from.array(),
                to.array(),
                iteration.getAsInt(),
                epoch.getAsInt(),
                LayerWorkspaceMgr.noWorkspaces()),
        in,
        out);
    return () -> {
      var gradient = e.gradient(output(), e.plain(output()));
      var result = e.over(gradient);
      var before = e.view(gradient);
      var after = e.view(result);
      e.run(
          "dropout's gradient",
          () ->
              dropout.backprop(
                  before.array(), after.array(), iteration.getAsInt(), epoch.getAsInt()),
          gradient,
          result);
      e.contribute(input(), result);
    };
  }
}
