package org.murmuration.worker.collective;

import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Operations in which all ranks of a job take part. Every rank calls the same operations in the
 * same order, from one thread.
 */
public interface Collective extends AutoCloseable {

  /** This rank, 0 to {@code worldSize() - 1}. */
  int rank();

  /** The number of ranks. */
  int worldSize();

  /** Frames so far that were not of this job, attempt or neighbour, and so were dropped. */
  long droppedFrames();

  /** This rank's neighbours in the ring with their addresses, for people. */
  String neighbours();

  /**
   * Replaces the vector by the sum of all ranks' vectors, the same bits on every rank.
   *
   * @param vector fp32 values in the machine's byte order; the same length on all ranks
   * @throws CollectiveException when a neighbour is lost or silent for too long
   */
  void allReduceSum(UnsafeBuffer vector);

  /**
   * Gives one message and receives those of all ranks, ordered by rank.
   *
   * @throws CollectiveException when a neighbour is lost or silent for too long
   */
  List<byte[]> allGather(byte[] message);

  /**
   * Returns when all ranks have called it. The last operation before {@link #close()}: a rank that
   * leaves while a neighbour still waits for something that must be sent again takes it along.
   */
  void awaitAll();

  /** Leaves the ring at once, whatever the others do. */
  @Override
  void close();
}
