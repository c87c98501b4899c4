package org.murmuration.worker.accel.plan;

import java.util.List;

/** A node of the graph that is compiled: from values to one value, or to a loss. */
public interface Operation {

  /** The layer it belongs to, for messages and profiles. */
  String layer();

  /** What it reads. */
  List<Value> inputs();

  /** What it writes. */
  Value output();

  /** What it learns; a loss and a plain function have none. */
  default List<Parameter> parameters() {
    return List.of();
  }

  /** Whether gradients start here, without anybody reading the output. */
  default boolean isLoss() {
    return false;
  }

  /** Whether it heeds the weights of samples, if it is a loss. */
  default boolean weighsSamples() {
    return false;
  }

  /** Whether gradients end here, although something before it could learn. */
  default boolean stopsGradient() {
    return false;
  }

  /**
   * Whether the output may be forgotten and computed again for the backward pass. What is emitted a
   * second time must compute the same bits.
   */
  default boolean repeatable() {
    return !isLoss();
  }

  /**
   * Emits the computation of the output; once more, where the output is computed again.
   *
   * @return emits the computation of the gradients, which happens only where somebody wants them
   */
  Runnable emit(Emitter emitter);
}
