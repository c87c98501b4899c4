package org.murmuration.worker.data;

/**
 * The output function of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
 * Generators, OOPSLA 2014), which spreads any number over all 64 bits.
 */
public final class SplitMix {
  private SplitMix() {}

  /** A number that tells nothing of the one that it was made of, but is always the same. */
  public static long mix(long number) {
    long z = number;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
