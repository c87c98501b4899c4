package org.murmuration.driver.spark;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a job with ranks asks of the cluster.
 *
 * @param name the application's name
 * @param ranks how many; empty to take what the cluster offers
 * @param threadsPerRank how many threads a rank's arithmetic may use
 * @param memory what a rank takes beside the Java heap; empty when it isn't foreseen
 */
public record Demand(
    String name, OptionalInt ranks, int threadsPerRank, Optional<RankMemory> memory) {

  /** The same with what a rank takes beside the Java heap. */
  public Demand with(RankMemory foreseen) {
    return new Demand(name, ranks, threadsPerRank, Optional.of(foreseen));
  }
}
