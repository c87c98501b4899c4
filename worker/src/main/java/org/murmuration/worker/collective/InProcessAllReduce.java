package org.murmuration.worker.collective;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.murmuration.worker.collective.codec.ValueCodec;
import org.murmuration.worker.transport.Transport;

/**
 * Sum over ranks that live in one process, and through one of them over all others: every rank adds
 * a part of all vectors, in order of rank, straight from the memory of the others, so each value is
 * read once by each addition and nothing is copied in between.
 *
 * <p>With ranks elsewhere too, the first rank of the process carries the process's sum to them.
 */
final class InProcessAllReduce implements AllReduce {
  private static final long LOOK_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Transport transport;
  private final Group group;
  private final ProcessGroup process;
  private final ValueCodec memory;
  private final Optional<AllReduce> others;

  /**
   * @param group the ranks of this process
   * @param memory the exact codec
   * @param others sums over the first ranks of all processes; called by this process's first
   */
  InProcessAllReduce(
      Transport transport,
      Group group,
      ProcessGroup process,
      ValueCodec memory,
      Optional<AllReduce> others) {
    this.transport = transport;
    this.group = group;
    this.process = process;
    this.memory = memory;
    this.others = others;
  }

  @Override
  public void run(Summand summand, long operation) {
    var place = group.position();
    process.show(place, summand.vector());
    awaitAll(operation);
    var schedule = new RingSchedule(place, group.size(), summand.length());
    var first = schedule.chunkStart(place);
    var count = schedule.chunkLength(place);
    addUp(first, count);
    if (others.isEmpty()) {
      for (int other = 1; other < group.size(); other++) {
        copyFromFirst(other, first, count);
      }
      awaitAll(operation);
      return;
    }
    awaitAll(operation);
    if (place == 0) {
      others.get().run(summand, operation);
    }
    awaitAll(operation);
    if (place > 0) {
      copyFromFirst(place, 0, summand.length());
    }
    awaitAll(operation);
  }

  /** Leaves in the first rank's vector the sum of a part of all vectors. */
  private void addUp(int first, int count) {
    for (int other = 1; other < group.size(); other++) {
      memory.decodeAdding(
          process.vector(other), first * Float.BYTES, process.vector(0), first, count);
    }
  }

  private void copyFromFirst(int place, int first, int count) {
    process
        .vector(place)
        .putBytes(first * Float.BYTES, process.vector(0), first * Float.BYTES, count * Float.BYTES);
  }

  private void awaitAll(long operation) {
    var phase = process.arrive();
    var deadline = System.nanoTime() + transport.peerTimeout().toNanos();
    try {
      while (!process.allArrived(phase, LOOK_UP_NANOS)) {
        transport.requireHealthy();
        if (System.nanoTime() - deadline > 0) {
          throw new CollectiveException(
              ("all-reduce %d: rank %d waited %d s for the ranks %s of its process; see its log, or"
                      + " raise averaging.peer-timeout if their steps take longer")
                  .formatted(
                      operation,
                      transport.rank(),
                      transport.peerTimeout().toSeconds(),
                      group.ranks()));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CollectiveException(
          "rank " + transport.rank() + " was told to stop in all-reduce " + operation, e);
    }
  }
}
