package org.murmuration.worker.collective;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.murmuration.worker.transport.RingLink;

/** Idles between polls and gives up when nothing has moved for too long. Used by one thread. */
final class Waiting {
  private static final long MAX_PARK_MICROS = 50;

  private final int rank;
  private final RingLink link;
  private final Duration patience;
  private final IdleStrategy idle =
      new BackoffIdleStrategy(100, 10, 1_000, TimeUnit.MICROSECONDS.toNanos(MAX_PARK_MICROS));
  private long lastProgress;

  Waiting(int rank, RingLink link, Duration patience) {
    this.rank = rank;
    this.link = link;
    this.patience = patience;
  }

  void begin() {
    lastProgress = System.nanoTime();
    idle.reset();
  }

  void after(boolean moved, Supplier<String> progress) {
    if (moved) {
      begin();
      return;
    }
    if (System.nanoTime() - lastProgress > patience.toNanos()) {
      throw new CollectiveException(
          ("rank %d waited %d s for %s: %s. Its connection is alive, so it is slow or stuck; see"
                  + " that executor's log, or raise averaging.peer-timeout if its steps take longer")
              .formatted(rank, patience.toSeconds(), link.previous(), progress.get()));
    }
    idle.idle();
  }
}
