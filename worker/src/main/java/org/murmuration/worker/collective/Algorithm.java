package org.murmuration.worker.collective;

/** How vectors are summed over the ranks; the setting {@code averaging.algorithm}. */
public enum Algorithm {
  /**
   * Ranks of one process in memory, then ranks of one host through shared memory, then one rank of
   * each host over the network, there by recursive doubling or around a ring, whichever is faster
   * for the vector's size.
   */
  AUTO,

  /** One ring of all ranks in their order, wherever they are. */
  RING,

  /** Recursive doubling over all ranks, whatever the size. */
  RECURSIVE_DOUBLING,

  /** As {@link #AUTO} by host, and between hosts always around a ring. */
  HIERARCHICAL
}
