package org.murmuration.worker.data;

import java.io.Serializable;

/**
 * How samples are dealt to lanes, and so to ranks, in one round of training. In the first round
 * each stands where its number says; in each other at a place that is drawn for it, so that samples
 * meet in batches that were in one lane before.
 *
 * @param seed of the job
 * @param round counting from 0
 * @param samples in the data set, at least 1
 */
public record Deal(long seed, int round, long samples) implements Serializable {

  /** The global index that the sample of a number has for {@link EpochOrder} in this round. */
  public long position(long number) {
    return round == 0
        ? number
        : new Permutation(SplitMix.mix(SplitMix.mix(seed) ^ round), samples).of(number);
  }
}
