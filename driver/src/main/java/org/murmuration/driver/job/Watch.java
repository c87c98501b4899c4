package org.murmuration.driver.job;

import java.time.Duration;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
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
  private Set<String> leaving = Set.of();

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
    // Those give no slots any more, so the ranks at work are on others.
    leaving = leaving();
    thread.begin();
  }

  private void look() {
    if (!leaving.containsAll(leaving())) {
      lease.request(lease.requested().or(Wish.STOP));
    } else if (canGrow.getAsBoolean()) {
      lease.request(lease.requested().or(Wish.STOP_AFTER_EPOCH));
    }
  }

  /** Executors that are being decommissioned: they still run their tasks, and get no others. */
  private Set<String> leaving() {
    if (spark.isLocal()) {
      return Set.of();
    }
    return JavaConverters.seqAsJavaList(spark.getExecutorIds()).stream()
        .filter(id -> spark.taskScheduler().getExecutorDecommissionState(id).isDefined())
        .collect(Collectors.toSet());
  }

  @Override
  public void close() {
    thread.close();
  }
}
