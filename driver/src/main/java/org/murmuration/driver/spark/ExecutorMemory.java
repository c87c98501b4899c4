package org.murmuration.driver.spark;

import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.SparkConf;

/**
 * How large an executor's container must be: YARN and Kubernetes kill what grows beyond the heap
 * plus {@code spark.executor.memoryOverhead}, and networks and images live beside the heap. Spark's
 * own default, a tenth of the heap, knows of neither.
 */
final class ExecutorMemory {
  static final String OVERHEAD = "spark.executor.memoryOverhead";
  private static final String OVERHEAD_FACTOR = "spark.executor.memoryOverheadFactor";

  /**
   * What the process takes before the first image: the JVM's own (code, classes, stacks, garbage
   * collector) and the native libraries; measured, see the driver's README.
   */
  private static final long LIBRARIES_MIB = 512;

  /** The same for the smallest jobs that were measured: below it nothing runs. */
  private static final long LEAST_LIBRARIES_MIB = 256;

  /** Of the overhead, where nobody says how much it is. */
  private static final double SPARKS_FACTOR = 0.1;

  private static final long SPARKS_LEAST_MIB = 384;
  private static final long STEP_MIB = 64;
  private static final long BYTES_PER_MIB = 1 << 20;

  private ExecutorMemory() {}

  /**
   * Sets the overhead where the cluster manager limits it and nobody has said how much it is.
   *
   * @return what an executor's container holds, in words; empty where nothing limits it
   * @throws JobRefusedException when what is stated is less than the job needs in any case
   */
  static Optional<String> plan(SparkConf conf, RankMemory rank) {
    if (!ExecutorShape.isManaged(conf)) {
      return Optional.empty();
    }
    int ranks = ExecutorShape.of(conf).slots().orElse(1);
    var needed = roundedUp(LIBRARIES_MIB + ranks * rank.bytes() / BYTES_PER_MIB);
    var parts =
        "Java and native libraries %d MiB, and for %s: %s"
            .formatted(
                LIBRARIES_MIB, ranks == 1 ? "its rank" : "each of its " + ranks + " ranks", rank);
    if (conf.contains(OVERHEAD) || conf.contains(OVERHEAD_FACTOR)) {
      var least = LEAST_LIBRARIES_MIB + ranks * rank.leastBytes() / BYTES_PER_MIB;
      return stated(conf, least, needed, parts);
    }
    conf.set(OVERHEAD, needed + "m");
    return Optional.of(
        "%d MiB beside the heap of each executor (%s): %s".formatted(needed, OVERHEAD, parts));
  }

  private static Optional<String> stated(SparkConf conf, long least, long needed, String parts) {
    long stated = overheadMib(conf);
    var key = conf.contains(OVERHEAD) ? OVERHEAD : OVERHEAD_FACTOR;
    if (stated < least) {
      throw new JobRefusedException(
          "%s = %s gives each executor %d MiB beside its heap, and the job needs at least %d MiB there, up to %d MiB (%s). Raise it, or leave it out to have it computed"
              .formatted(key, conf.get(key), stated, least, needed, parts));
    }
    return stated >= needed
        ? Optional.empty()
        : Optional.of(
            "%s = %s may be too small, and the executor be killed for it: the job needs up to %d MiB (%s)"
                .formatted(key, conf.get(key), needed, parts));
  }

  /** The MiB of an executor's container; empty where it has no limit of its own. */
  static OptionalLong promised(SparkConf conf) {
    if (!ExecutorShape.isManaged(conf)) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(heapMib(conf) + overheadMib(conf));
  }

  private static long heapMib(SparkConf conf) {
    return conf.getSizeAsMb("spark.executor.memory", "1g");
  }

  /** As Spark reckons it. */
  private static long overheadMib(SparkConf conf) {
    return conf.contains(OVERHEAD)
        ? conf.getSizeAsMb(OVERHEAD)
        : Math.max(
            SPARKS_LEAST_MIB,
            Math.round(heapMib(conf) * conf.getDouble(OVERHEAD_FACTOR, SPARKS_FACTOR)));
  }

  /**
   * What an executor takes at least, its heap included.
   *
   * @param ranks in it
   */
  static long leastMib(long heapMib, int ranks, RankMemory rank) {
    return heapMib + LEAST_LIBRARIES_MIB + ranks * rank.leastBytes() / BYTES_PER_MIB;
  }

  private static long roundedUp(long mib) {
    return (mib + STEP_MIB - 1) / STEP_MIB * STEP_MIB;
  }
}
