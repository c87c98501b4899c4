package org.murmuration.worker.accel.op;

import java.util.List;
import java.util.function.IntSupplier;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Value;
import org.murmuration.worker.accel.plan.View;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Any of DL4J's dropouts, drawn by ND4J's generator as DL4J would. Computed again it draws the same
 * once more, and leaves the generator as it found it.
 */
public final class DropoutOp extends Node {
  private final IDropout dropout;
  private final IntSupplier iteration;
  private final IntSupplier epoch;
  private long rootState;
  private long nodeState;

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
    e.run("dropout", e.repeats() ? () -> drawAgain(from, to) : () -> draw(from, to), in, out);
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

  private void draw(View from, View to) {
    rootState = Nd4j.getRandom().rootState();
    nodeState = Nd4j.getRandom().nodeState();
    apply(from, to);
  }

  private void drawAgain(View from, View to) {
    var random = Nd4j.getRandom();
    long root = random.rootState();
    long node = random.nodeState();
    random.setStates(rootState, nodeState);
    apply(from, to);
    random.setStates(root, node);
  }

  private void apply(View from, View to) {
    dropout.applyDropout(
        from.array(),
        to.array(),
        iteration.getAsInt(),
        epoch.getAsInt(),
        LayerWorkspaceMgr.noWorkspaces());
  }
}
