package org.murmuration.driver.spark;

import java.time.Duration;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.murmuration.worker.transport.Rendezvous;
import org.murmuration.worker.transport.TransportException;

/**
 * The ranks of a barrier stage exchange words through Spark's own RPC, which authenticates and
 * encrypts as the cluster is set up to do. The deadline is Spark's {@code
 * spark.barrier.sync.timeout}.
 */
final class BarrierRendezvous implements Rendezvous {
  /** While it waits, Spark looks for an answer once a second, or when its thread is interrupted. */
  private static final Duration LOOK = Duration.ofMillis(20);

  private final BarrierTaskContext context;

  BarrierRendezvous(BarrierTaskContext context) {
    this.context = context;
  }

  @Override
  public int rank() {
    return context.partitionId();
  }

  @Override
  public int worldSize() {
    return context.getTaskInfos().length;
  }

  @Override
  public List<String> allGather(String message) {
    try (var alarm = new Alarm(LOOK)) {
      alarm.begin();
      return List.of(context.allGather(message));
      // Spark's checked SparkException comes out of Scala undeclared.
    } catch (Exception e) {
      throw new TransportException(
          "rank %d of %d waited for the others at the rendezvous in vain: %s"
              .formatted(rank(), worldSize(), e.getMessage()),
          e);
    }
  }

  /**
   * Interrupts the thread that made it, again and again, until that closes it; then the thread is
   * as if it had not been.
   */
  private static final class Alarm implements AutoCloseable {
    private final Thread thread = Thread.currentThread();
    private final Periodic bell;
    private boolean off;

    Alarm(Duration period) {
      this.bell = new Periodic("rendezvous", period, this::ring);
    }

    void begin() {
      bell.begin();
    }

    private synchronized void ring() {
      if (!off) {
        thread.interrupt();
      }
    }

    @Override
    public void close() {
      synchronized (this) {
        off = true;
      }
      // Who interrupts a rank for another reason does it until it has heard.
      Thread.interrupted();
      bell.close();
    }
  }
}
