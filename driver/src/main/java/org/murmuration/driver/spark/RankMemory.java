package org.murmuration.driver.spark;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The memory that a rank takes, as far as the job tells.
 *
 * @param parts what it is for outside of the Java heap
 * @param heapBytes on the heap: what a checkpoint is copied to, and read into
 */
public record RankMemory(List<Part> parts, long heapBytes) implements Serializable {
  private static final double MIB = 1 << 20;

  /** Memory outside of the heap alone. */
  public RankMemory(List<Part> parts) {
    this(parts, 0);
  }

  /** Keeps its own copy. */
  public RankMemory {
    parts = List.copyOf(parts);
  }

  /**
   * A part of it.
   *
   * @param what it is for, as in {@code activations}
   * @param bytes how much, at most
   * @param certain whether it is no less
   */
  public record Part(String what, long bytes, boolean certain) implements Serializable {

    /** A part that is as large as it is said to be. */
    public static Part of(String what, long bytes) {
      return new Part(what, bytes, true);
    }

    /** A part that may be smaller. */
    public static Part upTo(String what, long bytes) {
      return new Part(what, bytes, false);
    }
  }

  /** All parts together, at most. */
  public long bytes() {
    return parts.stream().mapToLong(Part::bytes).sum();
  }

  /** All parts together, at least. */
  public long leastBytes() {
    return parts.stream().filter(Part::certain).mapToLong(Part::bytes).sum();
  }

  /** The parts in words, such as {@code activations 12 MiB, images 512 MiB}. */
  @Override
  public String toString() {
    return parts.stream()
        .map(
            part ->
                "%s %s%.0f MiB"
                    .formatted(
                        part.what(), part.certain() ? "" : "up to ", Math.ceil(part.bytes() / MIB)))
        .collect(Collectors.joining(", "));
  }
}
