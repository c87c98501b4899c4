package org.murmuration.worker.data;

import java.io.Serializable;
import java.util.Objects;

/**
 * A random order of the numbers 0 to size - 1 that takes no memory: where each stands is computed.
 *
 * <p>A Feistel network of four rounds (Luby, Rackoff: How to construct pseudorandom permutations,
 * 1988) over the smallest even number of bits that holds them all, with {@link SplitMix} for its
 * function; what falls beyond the size is sent through again until it doesn't (Black, Rogaway:
 * Ciphers with arbitrary finite domains, 2002), less than four times on average.
 *
 * @param seed decides the order
 * @param size how many numbers there are, at least 1
 */
public record Permutation(long seed, long size) implements Serializable {
  private static final int ROUNDS = 4;

  /**
   * @throws IllegalArgumentException when the size is below 1
   */
  public Permutation {
    if (size < 1) {
      throw new IllegalArgumentException("a permutation's size must be at least 1, was " + size);
    }
  }

  /**
   * Where a number stands.
   *
   * @throws IndexOutOfBoundsException unless it is one of 0 to size - 1
   */
  public long of(long number) {
    Objects.checkIndex(number, size);
    int half = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(size - 1) + 1) / 2);
    long place = number;
    do {
      place = shuffled(place, half);
    } while (place >= size);
    return place;
  }

  private long shuffled(long number, int half) {
    long mask = (1L << half) - 1;
    long left = number >>> half;
    long right = number & mask;
    for (int round = 0; round < ROUNDS; round++) {
      long next = left ^ (SplitMix.mix(SplitMix.mix(seed + round) ^ right) & mask);
      left = right;
      right = next;
    }
    return left << half | right;
  }
}
