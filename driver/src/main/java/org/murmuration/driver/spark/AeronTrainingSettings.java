package org.murmuration.driver.spark;

import java.time.Duration;
import org.murmuration.worker.accel.ComputationSettings;
import org.murmuration.worker.collective.CollectiveSettings;

/**
 * How an {@link AeronTrainingMaster} trains.
 *
 * @param ranks how many ranks, each in a task slot of its own; 0 for one per slot of the cluster
 * @param batchSizePerRank samples of a step on each rank; the data sets of an RDD are cut and
 *     merged to this size
 * @param computation how each rank computes
 * @param slotsTimeout how long to wait for enough slots
 * @param averaging how the ranks sum and how they reach each other
 */
public record AeronTrainingSettings(
    int ranks,
    int batchSizePerRank,
    ComputationSettings computation,
    Duration slotsTimeout,
    CollectiveSettings averaging) {
  private static final Duration SLOTS_TIMEOUT = Duration.ofMinutes(1);

  /** Checks the values. */
  public AeronTrainingSettings {
    require(ranks >= 0, "ranks", ranks, ">= 0 (0: one per task slot)");
    require(batchSizePerRank > 0, "batchSizePerRank", batchSizePerRank, "> 0");
  }

  /** One rank per task slot, one thread per rank. */
  public static AeronTrainingSettings of(int batchSizePerRank) {
    return new AeronTrainingSettings(
        0,
        batchSizePerRank,
        ComputationSettings.PLAIN,
        SLOTS_TIMEOUT,
        CollectiveSettings.defaults());
  }

  /** The same with this many ranks. */
  public AeronTrainingSettings withRanks(int ranks) {
    return new AeronTrainingSettings(ranks, batchSizePerRank, computation, slotsTimeout, averaging);
  }

  private static void require(boolean holds, String name, int value, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(name + " was " + value + ", must be " + rule);
    }
  }
}
