package org.murmuration.worker.collective;

/** An algorithm that leaves the sum of all ranks' vectors on every rank, the same bits. */
@FunctionalInterface
interface AllReduce {

  /**
   * Replaces the vector by the sum over the ranks.
   *
   * @param operation the number of this operation, the same on all ranks
   */
  void run(Summand summand, long operation);
}
