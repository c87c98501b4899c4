package org.murmuration.worker.transport;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The rendezvous of ranks that are threads of one process. */
public final class InMemoryRendezvous {
  private final String[] messages;
  private final CyclicBarrier barrier;
  private final Duration limit;

  /** A rendezvous for so many ranks, none of which waits longer than the limit. */
  public InMemoryRendezvous(int worldSize, Duration limit) {
    this.messages = new String[worldSize];
    this.barrier = new CyclicBarrier(worldSize);
    this.limit = limit;
  }

  /** The rendezvous as one rank sees it. */
  public Rendezvous of(int rank) {
    return new Rendezvous() {
      @Override
      public int rank() {
        return rank;
      }

      @Override
      public int worldSize() {
        return messages.length;
      }

      @Override
      public List<String> allGather(String message) {
        messages[rank] = message;
        await();
        var all = Arrays.stream(messages).toList();
        // Nobody may write the next message before everybody has read this one.
        await();
        return all;
      }
    };
  }

  private void await() {
    try {
      barrier.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new TransportException("a rank did not come to the rendezvous", e);
    }
  }
}
