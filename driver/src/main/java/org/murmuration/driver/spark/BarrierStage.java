package org.murmuration.driver.spark;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.murmuration.driver.spark.RankFailures.Hope;
import org.murmuration.driver.spark.RankFailures.Reason;
import org.murmuration.worker.health.MemoryUse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/**
 * Runs one task per rank, all at once, and turns a failure into one message that names the rank.
 */
public final class BarrierStage {
  private static final Logger LOG = LoggerFactory.getLogger(BarrierStage.class);
  private static final long LISTENER_BUS_TIMEOUT_MS = 10_000;

  /** Tasks of executors that are frozen or cut off don't end. */
  private static final Duration TASKS_END = Duration.ofSeconds(5);

  /** How soon a rank is to know that its stage has failed. */
  private static final Duration GIVEN_UP = Duration.ofMillis(100);

  private final JavaSparkContext spark;
  private final ResourceProfile profile;

  /** Stages on this context. */
  public BarrierStage(JavaSparkContext spark) {
    this.spark = spark;
    this.profile = RankResources.of(spark.sc());
  }

  /** Ranks that find their data themselves; a rank's partition is its own number. */
  public <R> List<R> run(int ranks, RankTask<Integer, R> task) {
    return run(spark.parallelize(IntStream.range(0, ranks).boxed().toList(), ranks), task);
  }

  /**
   * One rank per partition of the data.
   *
   * @return what the ranks returned, in order of rank
   * @throws RankLostException when a rank was lost, or lost its neighbours
   * @throws JobFailedException when a rank failed in another way
   */
  public <T, R> List<R> run(JavaRDD<T> data, RankTask<T, R> task) {
    var failures = new RankFailures();
    var tasks = new RunningTasks();
    SparkContext context = spark.sc();
    context.addSparkListener(failures);
    context.addSparkListener(tasks);
    try {
      ClassTag<R> anyType = ClassTag$.MODULE$.apply(Object.class);
      var stage = data.rdd().barrier().mapPartitions(new RankFunction<>(task), false, anyType);
      if (RankResources.isOwn(profile)) {
        stage = stage.withResources(profile);
      }
      return JavaRDD.fromRDD(stage, anyType).collect();
      // Spark's checked SparkException comes out of Scala undeclared.
    } catch (Exception e) {
      var reason = reason(context, failures, e);
      letTasksEnd(context, tasks);
      throw reason.hope() == Hope.NONE
          ? new JobFailedException(reason.message(), e)
          : new RankLostException(reason.message(), reason.hope() == Hope.IF_IT_EVER_RAN, e);
    } finally {
      context.removeSparkListener(failures);
      context.removeSparkListener(tasks);
    }
  }

  /** The failure that came first; Spark's own words when no rank failed. */
  private static Reason reason(SparkContext context, RankFailures failures, Exception e) {
    try {
      context.listenerBus().waitUntilEmpty(LISTENER_BUS_TIMEOUT_MS);
    } catch (TimeoutException late) {
      LOG.warn("Spark's listeners are behind; the cause named may not be the first", late);
    }
    return failures.first().orElseGet(() -> new Reason(e.getMessage(), Hope.NONE));
  }

  /** An executor whose task doesn't end would take part in the next attempt, and stop it, too. */
  private static void letTasksEnd(SparkContext context, RunningTasks tasks) {
    try {
      if (tasks.awaitEnd(TASKS_END)) {
        return;
      }
      for (var executor : tasks.executors()) {
        LOG.warn(
            "the task of executor {} didn't end within {} s of the failure of its stage; the executor is replaced",
            executor,
            TASKS_END.toSeconds());
        if (!context.isLocal()) {
          context.killAndReplaceExecutor(executor);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The task in the form that Spark's Scala interface takes; there is no Java one for barriers. */
  private static final class RankFunction<T, R> extends AbstractFunction1<Iterator<T>, Iterator<R>>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    private final RankTask<T, R> task;

    RankFunction(RankTask<T, R> task) {
      this.task = task;
    }

    @Override
    public Iterator<R> apply(Iterator<T> partition) {
      var context = BarrierTaskContext.get();
      var thread = Thread.currentThread();
      // Spark only notes on a task that its stage has failed; the rank waits for peers meanwhile.
      try (var given =
          new Periodic(
              "given-up rank",
              GIVEN_UP,
              () -> {
                if (context.isInterrupted()) {
                  thread.interrupt();
                }
              })) {
        given.begin();
        var result = task.run(context, JavaConverters.asJavaIterator(partition));
        return JavaConverters.asScalaIterator(List.of(result).iterator());
      } catch (RuntimeException | OutOfMemoryError e) {
        MemoryUse.throwIfLacking(e);
        throw e;
      } catch (Exception e) {
        MemoryUse.throwIfLacking(e);
        throw TaskException.of(e);
      }
    }
  }
}
