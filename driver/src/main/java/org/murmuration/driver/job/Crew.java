package org.murmuration.driver.job;

import java.time.Duration;
import org.murmuration.driver.conf.RankRange;
import org.murmuration.driver.spark.Slots;

/**
 * How many ranks there are, by the slots that the cluster offers.
 *
 * @param range how many there may be
 * @param slotsTimeout how long to wait for the least
 * @param regrowAfter how long to wait for as many as there were
 */
record Crew(Slots slots, RankRange range, Duration slotsTimeout, Duration regrowAfter) {

  /**
   * Those that a job starts with: as soon as the least are there.
   *
   * @throws org.murmuration.driver.spark.JobRefusedException when they don't come
   */
  int first() {
    int least = range.least().orElseGet(slots::promised);
    slots.await(least, slotsTimeout);
    return Math.min(slots.present(), range.most().orElse(least));
  }

  /**
   * Those that a job goes on with.
   *
   * @param before how many there were
   * @throws org.murmuration.driver.spark.JobRefusedException when too few come
   */
  int next(int before) {
    if (!range.isElastic()) {
      slots.await(before, slotsTimeout);
      return before;
    }
    int least = range.least().orElseThrow();
    if (slots.awaitWithin(before, regrowAfter) < least) {
      slots.await(least, slotsTimeout);
    }
    return Math.min(slots.present(), range.most().orElseThrow());
  }

  /** Whether the cluster offers more than there are, and more may be taken. */
  boolean canGrow(int ranks) {
    return range.isElastic() && ranks < range.most().orElseThrow() && slots.present() > ranks;
  }
}
