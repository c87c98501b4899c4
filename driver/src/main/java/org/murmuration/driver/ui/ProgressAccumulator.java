package org.murmuration.driver.ui;

import org.apache.spark.util.AccumulatorV2;

/**
 * Carries the progress of rank 0 to the driver with Spark's own executor heartbeats: no port, no
 * thread and no message of ours. Written by the task's thread, read by the heartbeat's.
 */
public final class ProgressAccumulator extends AccumulatorV2<Progress, Progress> {
  /** The name under which the driver finds it among a task's accumulators. */
  static final String NAME = "murmuration.progress";

  private static final long serialVersionUID = 1L;

  private volatile Progress latest = Progress.none();

  @Override
  public boolean isZero() {
    return latest.epochs() == 0;
  }

  @Override
  public ProgressAccumulator copy() {
    var copy = new ProgressAccumulator();
    copy.latest = latest;
    return copy;
  }

  @Override
  public void reset() {
    latest = Progress.none();
  }

  @Override
  public void add(Progress progress) {
    latest = progress;
  }

  @Override
  public void merge(AccumulatorV2<Progress, Progress> other) {
    if (!other.isZero()) {
      latest = other.value();
    }
  }

  @Override
  public Progress value() {
    return latest;
  }
}
