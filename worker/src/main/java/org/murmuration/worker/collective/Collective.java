package org.murmuration.worker.collective;

import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Operations in which all ranks of a job take part. Every rank calls the same operations in the
 * same order, one at a time.
 */
public interface Collective extends AutoCloseable {

  /** This rank, 0 to {@code worldSize() - 1}. */
  int rank();

  /** The number of ranks. */
  int worldSize();

  /** Frames and datagrams so far that were not of this job, attempt or peer, and were dropped. */
  long droppedFrames();

  /** How the ranks are arranged, for people. */
  String arrangement();

  /** Whether a sum may lose something on its way that the residual keeps. */
  boolean isLossy();

  /**
   * Replaces the vector by the sum of all ranks' vectors, the same bits on every rank.
   *
   * @param vector fp32 values in the machine's byte order; the same length on all ranks
   * @param residual what this rank's earlier sums of the same values lost on a lossy wire, as long
   *     as the vector; becomes what is lost now. An exact wire doesn't touch it, and it may be
   *     empty
   * @throws CollectiveException when a peer is lost, silent or too slow
   */
  void allReduceSum(UnsafeBuffer vector, Residual residual);

  /**
   * Gives one message and receives those of all ranks, ordered by rank.
   *
   * @throws CollectiveException when a peer is lost, silent or too slow
   */
  List<byte[]> allGather(byte[] message);

  /**
   * Tells the peers what this rank does from now on.
   *
   * @param activity a word or two, such as "computing"
   * @param step the step of training, counting from 1
   */
  void announce(String activity, long step);

  /** Tells the other ranks that this one fails and why, so that they don't wait for it. */
  void abort(String reason);

  /**
   * Returns when all ranks have called it. The last operation before {@link #close()}: a rank that
   * leaves while a peer still waits for something that must be sent again takes it along.
   */
  void awaitAll();

  /** Leaves at once, whatever the others do. */
  @Override
  void close();
}
