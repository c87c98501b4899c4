package org.murmuration.worker.transport;

import java.util.List;

/**
 * How the ranks of a job exchange a few words before and after there is a link between them. On
 * Spark this is {@code BarrierTaskContext.allGather}; in tests it is a barrier in memory.
 */
public interface Rendezvous {

  /** This rank, 0 to {@code worldSize() - 1}. */
  int rank();

  /** The number of ranks. */
  int worldSize();

  /**
   * Gives one message and receives those of all ranks, ordered by rank. Returns only when every
   * rank has called it, so it is a barrier too.
   *
   * @throws TransportException when a rank does not arrive within the implementation's deadline
   */
  List<String> allGather(String message);
}
