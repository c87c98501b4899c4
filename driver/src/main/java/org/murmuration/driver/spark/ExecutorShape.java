package org.murmuration.driver.spark;

import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;

/**
 * What the settings say of executors before there are any.
 *
 * @param count how many; empty when only the cluster knows
 * @param cores of each; empty when only the cluster knows
 * @param coresPerTask {@code spark.task.cpus}
 * @param gpus of each; 0 for none
 */
record ExecutorShape(OptionalInt count, OptionalInt cores, int coresPerTask, int gpus) {
  static final String INSTANCES = "spark.executor.instances";
  static final String CORES = "spark.executor.cores";
  static final String CORES_PER_TASK = "spark.task.cpus";
  static final String GPUS = "spark.executor.resource.gpu.amount";

  private static final Pattern LOCAL_CLUSTER =
      Pattern.compile("local-cluster\\[\\s*(\\d+)\\s*,\\s*(\\d+)\\s*,.*");

  /** What these settings say. */
  static ExecutorShape of(SparkConf conf) {
    var localCluster = LOCAL_CLUSTER.matcher(conf.get("spark.master", ""));
    var local = localCluster.matches();
    var count =
        local ? OptionalInt.of(Integer.parseInt(localCluster.group(1))) : number(conf, INSTANCES);
    var cores =
        local ? OptionalInt.of(Integer.parseInt(localCluster.group(2))) : number(conf, CORES);
    // YARN and Kubernetes give one core where nothing is said, a standalone cluster all of a
    // worker.
    var given = cores.isEmpty() && isManaged(conf) ? OptionalInt.of(1) : cores;
    return new ExecutorShape(count, given, conf.getInt(CORES_PER_TASK, 1), conf.getInt(GPUS, 0));
  }

  /** Whether the cluster manager gives each executor a container of its own with a limit. */
  static boolean isManaged(SparkConf conf) {
    var master = conf.get("spark.master", "");
    return master.startsWith("yarn") || master.startsWith("k8s://");
  }

  private static OptionalInt number(SparkConf conf, String key) {
    return conf.contains(key) ? OptionalInt.of(conf.getInt(key, 0)) : OptionalInt.empty();
  }

  /**
   * Ranks that run in one executor: one for each GPU where there are GPUs, else one for each share
   * of cores that a task takes; empty when the number of cores is not known.
   */
  OptionalInt slots() {
    if (cores.isEmpty()) {
      return gpus > 0 ? OptionalInt.of(gpus) : OptionalInt.empty();
    }
    var byCores = cores.getAsInt() / coresPerTask;
    return OptionalInt.of(gpus > 0 ? Math.min(gpus, byCores) : byCores);
  }

  /** How many ranks an executor runs, as far as the settings say; at least 1. */
  int ranks() {
    return Math.max(1, slots().orElse(1));
  }
}
