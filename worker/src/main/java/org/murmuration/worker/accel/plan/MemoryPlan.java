package org.murmuration.worker.accel.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Places what lives at different times at the same place: the largest first, each at the lowest
 * address that is free while it lives (Pisarchyk and Lee 2020, "Efficient Memory Management for
 * Deep Neural Net Inference", greedy by size).
 */
final class MemoryPlan {
  /** A cache line, which is also the widest vector. */
  private static final long ALIGNMENT = 64;

  private final List<Storage> placed = new ArrayList<>();

  private MemoryPlan() {}

  /** Gives each its offset and returns the bytes of the whole. */
  static long place(List<Storage> storages) {
    var plan = new MemoryPlan();
    storages.stream()
        .sorted(Comparator.comparingLong(Storage::bytes).reversed())
        .forEach(plan::add);
    return align(plan.placed.stream().mapToLong(Storage::end).max().orElse(0));
  }

  private void add(Storage storage) {
    long offset = 0;
    for (var other : placed) {
      if (other.meets(storage)) {
        if (other.offset() >= offset + storage.bytes()) {
          break;
        }
        offset = Math.max(offset, align(other.end()));
      }
    }
    storage.place(offset);
    placed.add(storage);
    placed.sort(Comparator.comparingLong(Storage::offset));
  }

  private static long align(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
