package org.murmuration.driver.spark;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task that is done again and again, in a thread of its own, from {@link #begin} to the close.
 */
public final class Periodic implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Periodic.class);
  private static final Duration LAST_ONE = Duration.ofSeconds(10);

  private final String name;
  private final Duration period;
  private final Task task;
  private final ScheduledExecutorService thread;

  /** What is done; what it throws is logged, and it is done again the next time. */
  @FunctionalInterface
  public interface Task {
    void run() throws Exception;
  }

  /**
   * Does nothing yet.
   *
   * @param name of the thread, for people
   * @param period from the end of one time to the start of the next
   */
  public Periodic(String name, Duration period, Task task) {
    this.name = name;
    this.period = period;
    this.task = task;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              var made = new Thread(work, "murmuration " + name);
              made.setDaemon(true);
              return made;
            });
  }

  /** Begins, at once. */
  public void begin() {
    var begun =
        thread.scheduleWithFixedDelay(this::tryTask, 0, period.toMillis(), TimeUnit.MILLISECONDS);
    LOG.trace("{} begins: {}", name, begun);
  }

  /** Does it at once, beside the times when it is done anyway. */
  public void hurry() {
    if (!thread.isShutdown()) {
      thread.execute(this::tryTask);
    }
  }

  private void tryTask() {
    try {
      task.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      // Whatever it is, the next time may be better, and without this there would be none.
    } catch (Exception e) {
      LOG.warn("{}: {}", name, e.toString());
    }
  }

  /** Ends it; one that is under way is waited for. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(LAST_ONE.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("{} doesn't end", name);
      }
    } catch (InterruptedException e) {
      thread.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
