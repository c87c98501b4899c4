package org.murmuration.driver.spark;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The memory that a rank takes outside of the Java heap, as far as the job tells.
 *
 * @param parts what it is for
 */
public record RankMemory(List<Part> parts) {
  private static final double MIB = 1 << 20;

  /** Keeps its own copy. */
  public RankMemory {
    parts = List.copyOf(parts);
  }

  /**
   * A part of it.
   *
   * @param what it is for, as in {@code activations}
   * @param bytes how much, at most
   */
  public record Part(String what, long bytes) {}

  /** All parts together. */
  public long bytes() {
    return parts.stream().mapToLong(Part::bytes).sum();
  }

  /** The parts in words, such as {@code activations 12 MiB, images 512 MiB}. */
  @Override
  public String toString() {
    return parts.stream()
        .map(part -> "%s %.0f MiB".formatted(part.what(), Math.ceil(part.bytes() / MIB)))
        .collect(Collectors.joining(", "));
  }
}
