package org.murmuration.worker.collective;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.murmuration.worker.transport.Transport;

/** Idles between polls and gives up when nothing has moved for too long. Used by one thread. */
final class Waiting {
  private static final int SPINS = 100;

  /**
   * About as long as a park takes to end, since that is what is lost when the frame comes first.
   */
  private static final int YIELDS = 200;

  private static final long MAX_PARK_MICROS = 50;

  private final Transport transport;
  private final IdleStrategy idle =
      new BackoffIdleStrategy(SPINS, YIELDS, 1_000, TimeUnit.MICROSECONDS.toNanos(MAX_PARK_MICROS));
  private long lastProgress;

  Waiting(Transport transport) {
    this.transport = transport;
  }

  void begin() {
    lastProgress = System.nanoTime();
    idle.reset();
  }

  /**
   * To be called after every try to move something.
   *
   * @param moved whether it did
   * @param peer the rank that is waited for
   * @param progress how far the operation is, for the message
   * @throws CollectiveException when nothing has moved for the peer timeout
   */
  void after(boolean moved, int peer, Supplier<String> progress) {
    if (moved) {
      begin();
      return;
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new CollectiveException(
          "rank %d was told to stop in %s".formatted(transport.rank(), progress.get()));
    }
    transport.requireHealthy();
    var patience = transport.peerTimeout();
    if (System.nanoTime() - lastProgress > patience.toNanos()) {
      throw new CollectiveException(tooSlow(patience, peer, progress.get()));
    }
    idle.idle();
  }

  private String tooSlow(Duration patience, int peer, String progress) {
    return ("rank %d waited %d s for %s: %s. It is alive but slow: %s; see that executor's log, or"
            + " raise averaging.peer-timeout if its steps take longer")
        .formatted(
            transport.rank(),
            patience.toSeconds(),
            transport.topology().ranks().get(peer),
            progress,
            transport.condition(peer));
  }
}
