package org.murmuration.driver.spark;

import org.apache.spark.SparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;

/**
 * What a rank's task takes of an executor. Where executors have GPUs and the settings don't give
 * one to every task, only ranks take one, with the cores that belong to it; tasks that read or
 * prepare images go to the cores, a task for each (Spark's stage-level scheduling).
 */
final class RankResources {
  static final String GPU = "gpu";
  private static final String GPUS_PER_TASK = "spark.task.resource.gpu.amount";

  private RankResources() {}

  /** The profile of stages of ranks. */
  static ResourceProfile of(SparkContext spark) {
    var conf = spark.conf();
    var shape = ExecutorShape.of(conf);
    if (shape.gpus() == 0 || conf.contains(GPUS_PER_TASK)) {
      return spark.resourceProfileManager().defaultResourceProfile();
    }
    int cores = shape.cores().orElse(shape.coresPerTask()) / shape.gpus();
    var requests =
        new TaskResourceRequests().cpus(Math.max(shape.coresPerTask(), cores)).resource(GPU, 1);
    return new ResourceProfileBuilder().require(requests).build();
  }

  /** Whether stages of ranks have a profile of their own. */
  static boolean isOwn(ResourceProfile profile) {
    return profile.id() != ResourceProfile.DEFAULT_RESOURCE_PROFILE_ID();
  }
}
