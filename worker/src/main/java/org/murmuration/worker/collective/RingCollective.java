package org.murmuration.worker.collective;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.transport.AeronRingLink;
import org.murmuration.worker.transport.JobIdentity;
import org.murmuration.worker.transport.Rendezvous;
import org.murmuration.worker.transport.RingLink;
import org.murmuration.worker.transport.TransportException;
import org.murmuration.worker.transport.TransportSettings;

/** The collective operations over a ring of links. */
public final class RingCollective implements Collective {
  private final int rank;
  private final int worldSize;
  private final RingLink link;
  private final Waiting waiting;
  private final Runnable farewell;
  private long operation;

  /**
   * @param link this rank's place in the ring
   * @param peerTimeout how long nothing may move before an operation gives up
   * @param farewell returns when all ranks have called it: a rank that leaves earlier takes what
   *     its neighbours have not received with it
   */
  RingCollective(int rank, int worldSize, RingLink link, Duration peerTimeout, Runnable farewell) {
    this.rank = rank;
    this.worldSize = worldSize;
    this.link = link;
    this.waiting = new Waiting(rank, link, peerTimeout);
    this.farewell = farewell;
  }

  /**
   * Joins the ring over Aeron; all ranks must call it.
   *
   * @param host the name or address under which the other ranks reach this one
   * @throws TransportException when a neighbour cannot be reached within the peer timeout
   */
  public static RingCollective connect(
      Rendezvous rendezvous, TransportSettings settings, String host, JobIdentity job) {
    return new RingCollective(
        rendezvous.rank(),
        rendezvous.worldSize(),
        AeronRingLink.connect(rendezvous, settings, host, job),
        settings.peerTimeout(),
        () -> rendezvous.allGather("done"));
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int worldSize() {
    return worldSize;
  }

  @Override
  public long droppedFrames() {
    return link.droppedFrames();
  }

  @Override
  public String neighbours() {
    return "sends to " + link.next() + ", receives from " + link.previous();
  }

  @Override
  public void allReduceSum(UnsafeBuffer vector) {
    var schedule = new RingSchedule(rank, worldSize, vector.capacity() / Float.BYTES);
    run(
        "all-reduce",
        () -> {
          new RingAllReduce(link, waiting, schedule, vector, operation).run();
          return vector;
        });
  }

  @Override
  public List<byte[]> allGather(byte[] message) {
    return run(
        "all-gather",
        () -> new RingAllGather(link, waiting, rank, worldSize, operation).run(message));
  }

  @Override
  public void awaitAll() {
    farewell.run();
  }

  @Override
  public void close() {
    link.close();
  }

  private <T> T run(String name, Supplier<T> body) {
    waiting.begin();
    try {
      return body.get();
    } catch (TransportException e) {
      throw new CollectiveException(name + " " + operation + ": " + e.getMessage(), e);
    } finally {
      operation++;
    }
  }
}
