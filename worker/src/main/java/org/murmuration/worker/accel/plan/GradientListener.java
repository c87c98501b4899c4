package org.murmuration.worker.accel.plan;

/** Hears during the backward pass which part of the flat gradient vector is finished. */
@FunctionalInterface
public interface GradientListener {

  /** Nobody waits. */
  GradientListener NONE = (offset, length) -> {};

  /**
   * A part is finished: nothing writes to it until the next run. The parts come in the order of the
   * backward pass, each once, and together they are all of the vector.
   *
   * @param offset its first element
   * @param length the number of elements
   */
  void ready(long offset, long length);
}
