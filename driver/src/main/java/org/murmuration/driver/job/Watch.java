package org.murmuration.driver.job;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkContext;
import org.murmuration.driver.spark.Periodic;
import org.murmuration.worker.training.Wish;
import scala.collection.JavaConverters;

/**
 * Looks while ranks are at work whether the cluster takes executors away, which they must save
 * before, or offers more, which they can take in with the next epoch; tells them through the run's
 * lease.
 */
final class Watch implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final SparkContext spark;
  private final RunLease lease;
  private final BooleanSupplier canGrow;
  private final Periodic thread;

  /**
   * Looks once it is begun.
   *
   * @param canGrow whether more ranks could take part
   */
  Watch(SparkContext spark, RunLease lease, BooleanSupplier canGrow) {
    this.spark = spark;
    this.canGrow = canGrow;
    this.lease = lease;
    this.thread = new Periodic("watch", PERIOD, this::look);
  }

  /** Begins. */
  void begin() {
    thread.begin();
  }

  private void look() {
    if (losesExecutors()) {
      lease.request(lease.requested().or(Wish.STOP));
    } else if (canGrow.getAsBoolean()) {
      lease.request(lease.requested().or(Wish.STOP_AFTER_EPOCH));
    }
  }

  /** Whether one is being decommissioned: it still runs its tasks, and gets no others. */
  private boolean losesExecutors() {
    return JavaConverters.seqAsJavaList(spark.getExecutorIds()).stream()
        .anyMatch(id -> spark.taskScheduler().getExecutorDecommissionState(id).isDefined());
  }

  @Override
  public void close() {
    thread.close();
  }
}
