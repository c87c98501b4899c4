package org.murmuration.driver.spark;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;

/**
 * The task slots of the cluster: every rank needs one, all at the same time. A barrier stage that
 * lacks slots would be retried by Spark for ten minutes without a word; this says what is missing.
 */
public final class Slots {
  private static final Pattern LOCAL_CLUSTER =
      Pattern.compile("local-cluster\\[\\s*(\\d+)\\s*,\\s*(\\d+)\\s*,.*");
  private static final Duration POLL = Duration.ofSeconds(1);

  private final SparkContext spark;

  /** The slots of the cluster that this context runs on. */
  public Slots(SparkContext spark) {
    this.spark = spark;
  }

  /**
   * How many ranks to run when the job leaves it to the cluster: the slots that the master or the
   * settings promise.
   *
   * @throws JobRefusedException when nothing says how many there will be
   */
  public int promised() {
    var localCluster = LOCAL_CLUSTER.matcher(spark.master());
    int executors = spark.conf().getInt("spark.executor.instances", 0);
    if (localCluster.matches()) {
      return Integer.parseInt(localCluster.group(1))
          * perExecutor(Integer.parseInt(localCluster.group(2)));
    }
    if (spark.isLocal()) {
      return perExecutor(spark.defaultParallelism());
    }
    if (executors > 0) {
      return executors * perExecutor(spark.conf().getInt("spark.executor.cores", 1));
    }
    throw new JobRefusedException(
        "train.ranks = auto needs to know how many executors there will be: give --num-executors N"
            + " (spark.executor.instances), or set train.ranks");
  }

  /**
   * Waits until there are slots for all ranks.
   *
   * @throws JobRefusedException when there are too few after this time; the message says how many
   */
  public void await(int ranks, Duration timeout) {
    var news = new Semaphore(0);
    var listener =
        new SparkListener() {
          @Override
          public void onExecutorAdded(SparkListenerExecutorAdded event) {
            news.release();
          }
        };
    spark.addSparkListener(listener);
    try {
      var deadline = System.nanoTime() + timeout.toNanos();
      while (present() < ranks && System.nanoTime() - deadline < 0) {
        // An executor may be announced before it is counted, so the wait is cut in short ones.
        if (news.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
          news.drainPermits();
        }
      }
      require(ranks, present(), "after " + timeout.toSeconds() + " s (cluster.slots-timeout)");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for executors", e);
    } finally {
      spark.removeSparkListener(listener);
    }
  }

  /**
   * The slots of the executors that are there now: what Spark itself asks before a barrier stage.
   */
  private int present() {
    return spark.maxNumConcurrentTasks(spark.resourceProfileManager().defaultResourceProfile());
  }

  private int perExecutor(int cores) {
    return cores / spark.conf().getInt("spark.task.cpus", 1);
  }

  private void require(int ranks, int slots, String when) {
    if (slots < ranks) {
      throw new JobRefusedException(
          ("the job needs %d task slots at once, one per rank, and the cluster %s has %d %s: %d are"
                  + " missing. Add executors or cores, lower spark.task.cpus, or set train.ranks = %d")
              .formatted(ranks, spark.master(), slots, when, ranks - slots, Math.max(1, slots)));
    }
  }
}
