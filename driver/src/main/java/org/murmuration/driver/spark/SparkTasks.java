package org.murmuration.driver.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.TaskKilled;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/** Runs ordinary tasks, each where its data is if it can, and turns a failure into one message. */
public final class SparkTasks {
  private static final long LISTENER_BUS_TIMEOUT_MS = 10_000;

  private final JavaSparkContext spark;

  /** Tasks on this context. */
  public SparkTasks(JavaSparkContext spark) {
    this.spark = spark;
  }

  /**
   * What is done with an item, on an executor.
   *
   * @param <T> of items
   * @param <R> of results
   */
  public interface Work<T, R> extends Serializable {
    /** Does it. */
    R apply(T item) throws Exception;
  }

  /**
   * An item, and where to work on it.
   *
   * @param <T> of items
   * @param item what to work on
   * @param hosts that have its data, the best first; none if it doesn't matter
   */
  public record Placed<T>(T item, List<String> hosts) {}

  /**
   * Works on items, a task for each.
   *
   * @param name of the job in Spark's UI
   * @param done is shown each result as it comes, one at a time; what it throws ends the job
   * @return the results in the order of the items
   * @throws JobFailedException when a task failed as often as Spark tries
   * @throws IOException when something failed here
   */
  public <T, R> List<R> run(String name, List<Placed<T>> items, Work<T, R> work, Consumer<R> done)
      throws IOException {
    if (items.isEmpty()) {
      return List.of();
    }
    var results = new Object[items.size()];
    ClassTag<Object> anyType = ClassTag$.MODULE$.apply(Object.class);
    explaining(
        name,
        () -> {
          spark
              .sc()
              .runJob(
                  placed(items).rdd(),
                  new TaskFunction<>(work),
                  partitions(items.size()),
                  new Handler<>(results, done),
                  anyType);
          return null;
        });
    @SuppressWarnings("unchecked") // The handler puts nothing else there.
    var typed = (List<R>) (List<?>) Arrays.asList(results);
    return typed;
  }

  /**
   * Runs jobs of any kind, and tells what failed if one does.
   *
   * @param name of the jobs in Spark's UI
   * @throws JobFailedException when a task failed as often as Spark tries
   * @throws IOException when something failed here
   */
  public <R> R explaining(String name, Jobs<R> jobs) throws IOException {
    var failures = new Failures();
    SparkContext context = spark.sc();
    context.addSparkListener(failures);
    context.setJobDescription(name);
    try {
      return jobs.run();
    } catch (IOException | JobRefusedException e) {
      throw e;
      // Spark's checked SparkException comes out of Scala undeclared.
    } catch (Exception e) {
      throw failures.explain(context, e);
    } finally {
      context.setJobDescription(null);
      context.removeSparkListener(failures);
    }
  }

  /**
   * What runs jobs.
   *
   * @param <R> of the result
   */
  public interface Jobs<R> {
    /** Runs them. */
    R run() throws IOException;
  }

  /** Any order of partitions is as good. */
  private static Seq<Object> partitions(int count) {
    return JavaConverters.asScalaBuffer(
            java.util.stream.IntStream.range(0, count).<Object>mapToObj(i -> i).toList())
        .toSeq();
  }

  /** A partition for each item, to be worked on where it is said to lie. */
  public <T> JavaRDD<T> placed(List<Placed<T>> items) {
    ClassTag<T> anyType = ClassTag$.MODULE$.apply(Object.class);
    var placed =
        items.stream()
            .map(
                item ->
                    new Tuple2<>(item.item(), JavaConverters.asScalaBuffer(item.hosts()).toSeq()))
            .toList();
    return JavaRDD.fromRDD(
        spark.sc().makeRDD(JavaConverters.asScalaBuffer(placed).toSeq(), anyType), anyType);
  }

  /** The work in the form that Spark's Scala interface takes. */
  private static final class TaskFunction<T, R>
      extends AbstractFunction2<TaskContext, Iterator<T>, Object> implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Work<T, R> work;

    TaskFunction(Work<T, R> work) {
      this.work = work;
    }

    @Override
    public Object apply(TaskContext context, Iterator<T> partition) {
      try {
        return work.apply(partition.next());
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new TaskException(e);
      }
    }
  }

  /** Takes results on the driver. */
  private static final class Handler<R> extends AbstractFunction2<Object, Object, BoxedUnit> {
    private final Object[] results;
    private final Consumer<R> done;

    Handler(Object[] results, Consumer<R> done) {
      this.results = results;
      this.done = done;
    }

    @Override
    @SuppressWarnings("unchecked") // The tasks of this job return nothing else.
    public BoxedUnit apply(Object index, Object result) {
      results[(Integer) index] = result;
      done.accept((R) result);
      return BoxedUnit.UNIT;
    }
  }

  /** Remembers what failed last: earlier failures were tried again. */
  private static final class Failures extends SparkListener {
    private volatile String last;

    @Override
    public void onTaskEnd(SparkListenerTaskEnd event) {
      if (event.reason() instanceof TaskFailedReason reason && !(reason instanceof TaskKilled)) {
        var info = event.taskInfo();
        var what =
            reason instanceof ExceptionFailure thrown
                ? TaskException.described(thrown)
                : reason.toErrorString().strip();
        last =
            "task %d (executor %s on %s) failed: %s"
                .formatted(info.index(), info.executorId(), info.host(), what);
      }
    }

    RuntimeException explain(SparkContext context, Exception e) {
      if (e.getCause() instanceof JobRefusedException refused) {
        return refused;
      }
      try {
        context.listenerBus().waitUntilEmpty(LISTENER_BUS_TIMEOUT_MS);
      } catch (java.util.concurrent.TimeoutException late) {
        e.addSuppressed(late);
      }
      return new JobFailedException(last == null ? e.getMessage() : last, e);
    }
  }
}
