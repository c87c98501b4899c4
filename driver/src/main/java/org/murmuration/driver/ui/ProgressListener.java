package org.murmuration.driver.ui;

import java.time.Instant;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import scala.collection.JavaConverters;

/** Hears of progress with the executors' heartbeats and shows it. */
public final class ProgressListener extends SparkListener {
  private final ProgressDisplay display;
  private final ProgressAccumulator accumulator = new ProgressAccumulator();
  private volatile Instant firstStep = Instant.EPOCH;

  private ProgressListener(ProgressDisplay display) {
    this.display = display;
  }

  /** Shows the progress that its accumulator brings, as long as the context lives. */
  public static ProgressListener show(SparkContext spark, ProgressDisplay display) {
    var listener = new ProgressListener(display);
    spark.register(listener.accumulator, ProgressAccumulator.NAME);
    spark.addSparkListener(listener);
    return listener;
  }

  /** What ranks tell their progress. */
  public ProgressAccumulator accumulator() {
    return accumulator;
  }

  /** When the ranks that were heard last had done their first step; long ago before any had. */
  public Instant firstStep() {
    return firstStep;
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate event) {
    for (var task : JavaConverters.seqAsJavaList(event.accumUpdates())) {
      for (AccumulableInfo info : JavaConverters.seqAsJavaList(task._4())) {
        if (info.name().contains(ProgressAccumulator.NAME)
            && info.update().isDefined()
            && info.update().get() instanceof Progress progress) {
          firstStep = progress.firstStep();
          display.show(progress);
        }
      }
    }
  }
}
