package org.murmuration.worker.accel.graph;

import org.murmuration.worker.accel.plan.Value;

/** Adds the operations of one kind of layer. */
@FunctionalInterface
interface LayerReader {

  /**
   * Adds what one layer computes.
   *
   * @return the layer's output
   * @throws NotCompilableException when DL4J must compute it
   */
  Value read(LayerSite site);
}
