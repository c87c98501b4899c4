package org.murmuration.driver.spark;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.SparkHadoopUtil;

/** Makes the Spark context of a job, with the settings that training needs. */
public final class Contexts {
  private Contexts() {}

  /** Hadoop's configuration as Spark will have it, for what is looked at before Spark starts. */
  public static Configuration hadoop() {
    return SparkHadoopUtil.get().newConfiguration(new SparkConf());
  }

  /**
   * Starts Spark as spark-submit was told.
   *
   * @param name the application's name
   * @param threadsPerRank how many threads a rank's arithmetic may use
   * @throws JobRefusedException when a setting contradicts barrier execution, or Spark does not
   *     start
   */
  public static JavaSparkContext start(String name, int threadsPerRank) {
    var conf = new SparkConf();
    if (conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
      throw new JobRefusedException(
          "spark.dynamicAllocation.enabled = true: Spark runs no barrier stage with it, and training"
              + " is one; add --conf spark.dynamicAllocation.enabled=false and --num-executors N");
    }
    var threads = Integer.toString(threadsPerRank);
    conf.setAppName("murmuration " + name)
        // A failed rank fails the job at once, instead of being tried again from the beginning.
        .set("spark.stage.maxConsecutiveAttempts", "1")
        .set("spark.speculation", "false")
        // Progress comes with the heartbeats.
        .setIfMissing("spark.executor.heartbeatInterval", "1s")
        .setIfMissing("spark.ui.showConsoleProgress", "false")
        .setIfMissing("spark.executorEnv.OMP_NUM_THREADS", threads)
        .setIfMissing("spark.executorEnv.OPENBLAS_NUM_THREADS", threads);
    return start(conf);
  }

  /**
   * Starts Spark as spark-submit was told, for ordinary tasks, which may be tried again and for
   * which executors may come and go.
   *
   * @param name the application's name
   * @throws JobRefusedException when Spark does not start
   */
  public static JavaSparkContext startTasks(String name) {
    return start(
        new SparkConf()
            .setAppName("murmuration " + name)
            .setIfMissing("spark.ui.showConsoleProgress", "false"));
  }

  private static JavaSparkContext start(SparkConf conf) {
    // Without it a JVM can't open files whose names have other letters than ASCII's.
    conf.setIfMissing("spark.executorEnv.LC_ALL", "C.UTF-8")
        // Else Spark's end waits two minutes for an executor that stands still to forget something.
        .setIfMissing("spark.cleaner.referenceTracking.blocking", "false")
        // What it can't decode is told by exceptions, with the file's name.
        .setIfMissing("spark.executorEnv.OPENCV_LOG_LEVEL", "SILENT");
    try {
      return new JavaSparkContext(conf);
      // Spark's checked SparkException comes out of Scala undeclared.
    } catch (Exception e) {
      throw new JobRefusedException(
          "Spark did not start on %s: %s"
              .formatted(conf.get("spark.master", "no master"), e.getMessage()),
          e);
    }
  }
}
