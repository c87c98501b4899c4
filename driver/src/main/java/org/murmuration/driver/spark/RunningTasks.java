package org.murmuration.driver.spark;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/**
 * Which tasks run. Spark gives a stage up with the first task that fails, while others are still
 * letting go of what they hold; when Spark is stopped under them they end with stack traces.
 */
final class RunningTasks extends SparkListener {
  private final Map<Long, String> running = new HashMap<>();

  @Override
  public synchronized void onTaskStart(SparkListenerTaskStart event) {
    running.put(event.taskInfo().taskId(), event.taskInfo().executorId());
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd event) {
    running.remove(event.taskInfo().taskId());
    notifyAll();
  }

  /** The executors on which tasks run. */
  synchronized Set<String> executors() {
    return Set.copyOf(running.values());
  }

  /** Whether all tasks have ended before the time is over. */
  synchronized boolean awaitEnd(Duration limit) throws InterruptedException {
    var deadline = System.nanoTime() + limit.toNanos();
    var left = limit.toNanos();
    while (!running.isEmpty() && left > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = deadline - System.nanoTime();
    }
    return running.isEmpty();
  }
}
