package org.murmuration.driver.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;

/**
 * Makes Spark's settings fit barrier stages, whose tasks all run at once: what clashes is corrected
 * and told, or refused when there is nothing to put in its place.
 */
final class BarrierSettings {
  private static final String DYNAMIC = "spark.dynamicAllocation.enabled";
  private static final String MOST_EXECUTORS = "spark.dynamicAllocation.maxExecutors";
  private static final String SPECULATION = "spark.speculation";
  private static final String STAGE_ATTEMPTS = "spark.stage.maxConsecutiveAttempts";

  private BarrierSettings() {}

  /**
   * Corrects the settings.
   *
   * @param ranks how many the job asks for; empty to take what the cluster offers
   * @return what was changed, in words
   * @throws JobRefusedException when dynamic allocation is on and nothing says how many executors
   *     there should be without it
   */
  static List<String> correct(SparkConf conf, OptionalInt ranks) {
    List<String> notes = new ArrayList<>();
    if (conf.getBoolean(DYNAMIC, false)) {
      var executors = executors(conf, ranks);
      conf.set(DYNAMIC, "false").set(ExecutorShape.INSTANCES, Integer.toString(executors));
      notes.add(
          "%s = false, %s = %d: training is a barrier stage, and Spark runs none while executors come and go (SPARK-24954)"
              .formatted(DYNAMIC, ExecutorShape.INSTANCES, executors));
    }
    if (conf.getBoolean(SPECULATION, false)) {
      conf.set(SPECULATION, "false");
      notes.add(SPECULATION + " = false: a rank can't be run twice at once");
    }
    // A stage that failed is started again by the job, from its newest checkpoint.
    conf.set(STAGE_ATTEMPTS, "1");
    return notes;
  }

  private static int executors(SparkConf conf, OptionalInt ranks) {
    var said =
        Stream.of(ExecutorShape.INSTANCES, MOST_EXECUTORS)
            .filter(conf::contains)
            .mapToInt(key -> conf.getInt(key, 0))
            .filter(count -> count > 0 && count < Integer.MAX_VALUE)
            .findFirst();
    var slots = ExecutorShape.of(conf).slots().orElse(0);
    if (ranks.isPresent() && slots > 0) {
      return (ranks.getAsInt() + slots - 1) / slots;
    }
    return said.orElseThrow(
        () ->
            new JobRefusedException(
                DYNAMIC
                    + " = true: training is a barrier stage, and Spark runs none while executors come and go (SPARK-24954). It is turned off as soon as there is a number of executors to ask for: add --num-executors N ("
                    + ExecutorShape.INSTANCES
                    + "), or "
                    + MOST_EXECUTORS
                    + ", or set train.ranks"));
  }
}
