package org.murmuration.driver.spark;

import java.util.HashSet;
import java.util.Set;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/**
 * Gives a job up whose executors end before any task has begun on them, one after the other: with
 * Java options that don't work, or too little memory. Spark would start new ones without an end.
 */
final class StillbornExecutors extends SparkListener {
  /** So many may have bad luck. */
  private static final int MOST_IN_A_ROW = 6;

  private final SparkContext spark;
  private final Set<String> idle = new HashSet<>();
  private final Set<Integer> jobs = new HashSet<>();
  private int running;
  private int inARow;

  StillbornExecutors(SparkContext spark) {
    this.spark = spark;
  }

  @Override
  public void onJobStart(SparkListenerJobStart event) {
    jobs.add(event.jobId());
  }

  @Override
  public void onJobEnd(SparkListenerJobEnd event) {
    jobs.remove(event.jobId());
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart event) {
    idle.remove(event.taskInfo().executorId());
    running++;
    inARow = 0;
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd event) {
    running--;
  }

  @Override
  public void onExecutorAdded(SparkListenerExecutorAdded event) {
    idle.add(event.executorId());
  }

  /** While tasks run, those that have none may be given back. */
  @Override
  public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
    if (!idle.remove(event.executorId()) || running > 0) {
      return;
    }
    inARow++;
    if (inARow >= MOST_IN_A_ROW) {
      var reason =
          "%d executors in a row have ended before they were given anything to do, the last one: %s. See their logs; what they are started with is in spark.executor.extraJavaOptions and spark.executor.memory"
              .formatted(inARow, event.reason());
      jobs.forEach(job -> spark.cancelJob(job, reason));
    }
  }
}
