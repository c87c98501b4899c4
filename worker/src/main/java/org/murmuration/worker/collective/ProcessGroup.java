package org.murmuration.worker.collective;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Where the ranks of one attempt that live in one process meet: they see each other's vectors.
 *
 * <p>The ranks are made by an engine that gives them nothing in common but their class, so this is
 * the one place with a table for the whole process. An entry is an attempt's, and goes with its
 * last rank.
 */
final class ProcessGroup {
  private static final ConcurrentMap<Key, ProcessGroup> GROUPS = new ConcurrentHashMap<>();

  private final Key key;
  private final AtomicReferenceArray<UnsafeBuffer> vectors;
  private final Phaser phaser;
  private int members;

  /** Which ranks. */
  private record Key(String name, int size) {}

  private ProcessGroup(Key key) {
    this.key = key;
    this.vectors = new AtomicReferenceArray<>(key.size);
    this.phaser = new Phaser(key.size);
  }

  /**
   * The group of an attempt's ranks in this process.
   *
   * @param name of the attempt and the group's first rank, and of no other
   * @param size how many ranks there are, each of which joins
   */
  static ProcessGroup join(String name, int size) {
    return GROUPS.compute(
        new Key(name, size),
        (key, present) -> {
          var group = present == null ? new ProcessGroup(key) : present;
          group.members++;
          return group;
        });
  }

  /** Leaves; who still waits for this rank is told by its transport. */
  void leave() {
    GROUPS.compute(key, (k, group) -> --members == 0 ? null : this);
  }

  void show(int place, UnsafeBuffer vector) {
    vectors.set(place, vector);
  }

  UnsafeBuffer vector(int place) {
    return vectors.get(place);
  }

  /** Says that this rank has come so far, and returns what to wait for. */
  int arrive() {
    return phaser.arrive();
  }

  /** Waits a while until all have come so far; false when they have not. */
  boolean allArrived(int phase, long nanos) throws InterruptedException {
    try {
      return phaser.awaitAdvanceInterruptibly(phase, nanos, TimeUnit.NANOSECONDS) != phase;
    } catch (TimeoutException e) {
      return false;
    }
  }
}
