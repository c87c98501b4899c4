package org.murmuration.worker.accel.graph;

import org.murmuration.worker.accel.plan.Value;

/** A layer configuration outside of DL4J that says itself how it is compiled. */
public interface Compilable {

  /**
   * Adds the layer's operations.
   *
   * @return the layer's output
   * @throws NotCompilableException when DL4J must compute it
   */
  Value compile(LayerSite site);

  /** Whether its parameters learn; those that don't have the gradient 0. */
  default boolean learns() {
    return true;
  }
}
