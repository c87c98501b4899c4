package org.murmuration.driver.spark;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/**
 * The task slots of the cluster: every rank needs one, all at the same time. A barrier stage that
 * lacks slots would be retried by Spark for ten minutes without a word; this says what is missing.
 */
public final class Slots {
  private static final Duration POLL = Duration.ofSeconds(1);

  /** So long the cluster takes when all is well; after that it is time to say what is missing. */
  private static final Duration SILENCE = Duration.ofSeconds(10);

  private final SparkContext spark;
  private final Consumer<String> waiting;
  private final ResourceProfile profile;

  /** Why executors ended while they were waited for. */
  private final Queue<String> gone = new ConcurrentLinkedQueue<>();

  /**
   * The slots of the cluster that this context runs on.
   *
   * @param waiting is told every ten seconds what is waited for
   */
  public Slots(SparkContext spark, Consumer<String> waiting) {
    this.spark = spark;
    this.waiting = waiting;
    this.profile = RankResources.of(spark);
    if (RankResources.isOwn(profile)) {
      // Spark counts slots of profiles that it knows.
      spark.resourceProfileManager().addResourceProfile(profile);
    }
  }

  /**
   * How many ranks to run when the job leaves it to the cluster: the slots that the master or the
   * settings promise.
   *
   * @throws JobRefusedException when nothing says how many there will be
   */
  public int promised() {
    if (spark.isLocal()) {
      return spark.defaultParallelism() / spark.conf().getInt(ExecutorShape.CORES_PER_TASK, 1);
    }
    var shape = ExecutorShape.of(spark.conf());
    int all = spark.conf().getInt("spark.cores.max", 0);
    if (shape.count().isPresent() && shape.slots().isPresent()) {
      return shape.count().getAsInt() * shape.slots().getAsInt();
    }
    if (all > 0 && shape.gpus() == 0) {
      return all / shape.coresPerTask();
    }
    throw new JobRefusedException(
        "train.ranks = auto needs to know how many executors there will be: give --num-executors N"
            + " (spark.executor.instances), on a standalone cluster --total-executor-cores N"
            + " (spark.cores.max), or set train.ranks");
  }

  /**
   * Waits until there are slots for all ranks, and says every ten seconds what is missing.
   *
   * @throws JobRefusedException when there are too few after this time; the message says how many
   */
  public void await(int ranks, Duration timeout) {
    awaitWithin(ranks, timeout);
    require(ranks, timeout);
  }

  /**
   * Waits until there are so many slots, and says every ten seconds what is missing.
   *
   * @return how many there are, which are fewer when the time is over
   */
  public int awaitWithin(int ranks, Duration timeout) {
    var news = new Semaphore(0);
    var listener =
        new SparkListener() {
          @Override
          public void onExecutorAdded(SparkListenerExecutorAdded event) {
            news.release();
          }

          @Override
          public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
            gone.add(event.reason());
          }
        };
    spark.addSparkListener(listener);
    try {
      var begin = System.nanoTime();
      var nextWord = SILENCE;
      while (present() < ranks && System.nanoTime() - begin < timeout.toNanos()) {
        // An executor may be announced before it is counted, so the wait is cut in short ones.
        if (news.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
          news.drainPermits();
        }
        var waited = Duration.ofNanos(System.nanoTime() - begin);
        if (waited.compareTo(nextWord) >= 0 && present() < ranks) {
          nextWord = nextWord.plus(SILENCE);
          waiting.accept(
              "%d of %d s: %s".formatted(waited.toSeconds(), timeout.toSeconds(), missing(ranks)));
        }
      }
      return present();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for executors", e);
    } finally {
      spark.removeSparkListener(listener);
    }
  }

  /**
   * Waits until there is a slot for one task, before a job whose tasks come one after the other; it
   * doesn't wait where Spark asks for executors only once there are tasks.
   *
   * @throws JobRefusedException when there is none after this time
   */
  public void awaitAny(Duration timeout) {
    if (!spark.conf().getBoolean("spark.dynamicAllocation.enabled", false)) {
      await(1, timeout);
    }
  }

  /**
   * The slots of the executors that are there now: what Spark itself asks before a barrier stage.
   */
  public int present() {
    return spark.maxNumConcurrentTasks(profile);
  }

  /** How many slots there are, of what there would have to be more. */
  private String missing(int ranks) {
    var slots = present();
    return "%d of %d task slots are there, %d are missing; %s"
        .formatted(slots, ranks, ranks - slots, supply());
  }

  /** Which executors there are, and what a slot takes of one. */
  private String supply() {
    var shape = ExecutorShape.of(spark.conf());
    var asked =
        shape.count().isPresent() ? " of the " + shape.count().getAsInt() + " asked for" : "";
    var cores = "%d of spark.executor.cores".formatted(shape.coresPerTask());
    var each = shape.gpus() > 0 ? cores + " and a GPU" : cores;
    var ended =
        gone.isEmpty()
            ? ""
            : " (and %d have ended, the first one: %s; see its log)"
                .formatted(gone.size(), gone.peek());
    return "%d executors%s have come%s, and a rank takes %s"
        .formatted(executors(), asked, ended, each);
  }

  private int executors() {
    // Spark's list has the driver in it.
    return List.of(spark.statusTracker().getExecutorInfos()).size() - 1;
  }

  private void require(int ranks, Duration timeout) {
    var slots = present();
    if (slots < ranks) {
      throw new JobRefusedException(
          ("the job needs %d task slots at once, and the cluster %s has %d after %d s"
                  + " (cluster.slots-timeout): %d are missing. %s. %s, or set train.ranks = %d")
              .formatted(
                  ranks,
                  spark.master(),
                  slots,
                  timeout.toSeconds(),
                  ranks - slots,
                  capitalised(supply()),
                  advice(),
                  Math.max(1, slots)));
    }
  }

  /** What is short: executors that don't come, or room in those that have. */
  private String advice() {
    var asked = ExecutorShape.of(spark.conf()).count();
    if (asked.isPresent() && executors() < asked.getAsInt()) {
      return "Look at the cluster manager for why the others don't come (queue, quota, memory or GPUs that no node has left), ask for less memory or fewer cores for each, or raise cluster.slots-timeout";
    }
    return "Add executors or cores, lower " + ExecutorShape.CORES_PER_TASK;
  }

  private static String capitalised(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }
}
