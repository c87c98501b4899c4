package org.murmuration.driver.conf;

import org.murmuration.worker.data.Feed;
import org.murmuration.worker.training.FeedbackPlan;

/**
 * What feedback there is from training to data.
 *
 * @param feed which training images an epoch has
 * @param plan what the source of images is told
 */
public record FeedConf(Feed feed, FeedbackPlan plan) {

  /** The orders that a job file can name. */
  enum Order {
    SHUFFLED,
    IMPORTANCE,
    HARD,
    CURRICULUM
  }

  /** Whether ranks have to know what they have found out about their images. */
  public boolean isUsed() {
    return feed.goesByScores() || plan.gap() > 0;
  }
}
