package org.murmuration.worker.data;

import java.io.Serializable;

/**
 * A count of samples and a hash of their numbers, in any order: the sum of a mix of each number,
 * modulo 2^64 (a multiset hash as of Clarke et al.: Incremental multiset hash functions, 2003).
 * Tallies of several ranks are added. Two tallies that are the same are of the same samples, each
 * as often, but for a chance of one in 2^64.
 *
 * @param samples how many
 * @param hash of their numbers; 0 where samples have none
 */
public record SampleTally(long samples, long hash) implements Serializable {
  /** No sample. */
  public static final SampleTally NONE = new SampleTally(0, 0);

  /** That of samples with these numbers. */
  public static SampleTally of(Iterable<Long> numbers) {
    long samples = 0;
    long hash = 0;
    for (long number : numbers) {
      samples++;
      // mix(0) is 0, and sample 0 must count.
      hash += SplitMix.mix(number + 1);
    }
    return new SampleTally(samples, hash);
  }

  /** That of both. */
  public SampleTally plus(SampleTally other) {
    return new SampleTally(samples + other.samples, hash + other.hash);
  }
}
