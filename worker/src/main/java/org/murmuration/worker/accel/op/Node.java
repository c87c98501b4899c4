package org.murmuration.worker.accel.op;

import java.util.List;
import org.murmuration.worker.accel.plan.Operation;
import org.murmuration.worker.accel.plan.Value;

/** What all operations have. */
abstract class Node implements Operation {
  private final String layer;
  private final List<Value> inputs;
  private final Value output;

  Node(String layer, List<Value> inputs, Value output) {
    this.layer = layer;
    this.inputs = List.copyOf(inputs);
    this.output = output;
  }

  @Override
  public final String layer() {
    return layer;
  }

  @Override
  public final List<Value> inputs() {
    return inputs;
  }

  @Override
  public final Value output() {
    return output;
  }

  /** The only input. */
  final Value input() {
    return inputs.get(0);
  }
}
