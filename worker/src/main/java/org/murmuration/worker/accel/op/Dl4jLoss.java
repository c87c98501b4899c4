package org.murmuration.worker.accel.op;

import java.util.List;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Value;
import org.murmuration.worker.accel.plan.View;

/** A loss that DL4J computes, together with the gradient of what it reads. */
abstract class Dl4jLoss extends Node {
  private final int labels;

  /**
   * @param labels which of the network's outputs it is
   */
  Dl4jLoss(String layer, Value input, Value output, int labels) {
    super(layer, List.of(input), output);
    this.labels = labels;
  }

  /**
   * The sum of the samples' losses.
   *
   * @param from the input
   * @param expected the labels
   * @param to takes the gradient of the input
   */
  abstract double compute(View from, View expected, View to);

  @Override
  public final boolean isLoss() {
    return true;
  }

  @Override
  public final Runnable emit(Emitter e) {
    var source = e.tensor(input(), e.plain(input()));
    var from = e.view(source);
    var expected = e.view(Labels.ofSize(e, layer(), labels, input()));
    var part = e.create(e.plain(input()));
    var to = e.view(part);
    var loss = new double[1];
    e.addLoss(() -> loss[0]);
    return () -> {
      e.run("loss in DL4J", () -> loss[0] = compute(from, expected, to), source, part);
      e.contribute(input(), part);
    };
  }
}
