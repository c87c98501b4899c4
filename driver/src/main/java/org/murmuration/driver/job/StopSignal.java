package org.murmuration.driver.job;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;
import org.murmuration.worker.training.Wish;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the end of a process that is told to stop (SIGTERM, Ctrl-C) off until what it does has come
 * to a good end, or until time is up. It comes before Spark takes its context down and before
 * Hadoop closes its file systems, which both go by the same manager of shutdown hooks.
 */
final class StopSignal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);

  /** Spark's own is 50, Hadoop's file systems have 10; the highest comes first. */
  private static final int PRIORITY = 100;

  private static final Duration MARGIN = Duration.ofSeconds(1);

  private final Runnable stop;
  private final Duration patience;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Runnable hook = this::putOff;
  private volatile boolean told;
  private volatile boolean atWork;

  /**
   * Begins to listen.
   *
   * @param stop is run when the process is told to stop; must be quick
   * @param patience how long the end is put off at most
   */
  StopSignal(Runnable stop, Duration patience) {
    this.stop = stop;
    this.patience = patience;
    ShutdownHookManager.get()
        .addShutdownHook(hook, PRIORITY, patience.plus(MARGIN).toSeconds(), TimeUnit.SECONDS);
  }

  private void putOff() {
    told = true;
    if (!atWork) {
      return;
    }
    stop.run();
    try {
      if (!ended.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("the process ends after {} s without a last checkpoint", patience.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Says that there is something to bring to a good end; else the process may end at any time. */
  void beginWork() {
    atWork = true;
  }

  /** Says that there is nothing any more; one that was told to stop still waits for the end. */
  void endWork() {
    atWork = told;
  }

  /** What the work is to do. */
  Wish wish() {
    return told ? Wish.STOP : Wish.GO_ON;
  }

  /** Whether the process was told to stop. */
  boolean told() {
    return told;
  }

  /** Says that it may end. */
  @Override
  public void close() {
    ended.countDown();
    if (!told) {
      remove();
    }
  }

  private void remove() {
    try {
      ShutdownHookManager.get().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      LOG.debug("the process ends, and the hook has run or will", e);
    }
  }
}
