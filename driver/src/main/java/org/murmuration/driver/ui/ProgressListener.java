package org.murmuration.driver.ui;

import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import scala.collection.JavaConverters;

/** Hears of progress with the executors' heartbeats and shows it. */
public final class ProgressListener extends SparkListener {
  private final ProgressDisplay display;

  private ProgressListener(ProgressDisplay display) {
    this.display = display;
  }

  /** Shows the progress that the returned accumulator brings, as long as the context lives. */
  public static ProgressAccumulator show(SparkContext spark, ProgressDisplay display) {
    var accumulator = new ProgressAccumulator();
    spark.register(accumulator, ProgressAccumulator.NAME);
    spark.addSparkListener(new ProgressListener(display));
    return accumulator;
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate event) {
    for (var task : JavaConverters.seqAsJavaList(event.accumUpdates())) {
      for (AccumulableInfo info : JavaConverters.seqAsJavaList(task._4())) {
        if (info.name().contains(ProgressAccumulator.NAME)
            && info.update().isDefined()
            && info.update().get() instanceof Progress progress) {
          display.show(progress);
        }
      }
    }
  }
}
