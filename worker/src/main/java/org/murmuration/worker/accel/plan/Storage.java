package org.murmuration.worker.accel.plan;

/** Where a tensor lies: a part of a region, which it may share with others at other times. */
final class Storage {
  private final Region region;
  private final long bytes;
  private long offset;
  private int first = Integer.MAX_VALUE;
  private int last = -1;
  private boolean shared;

  private Storage(Region region, long bytes, long offset) {
    this.region = region;
    this.bytes = bytes;
    this.offset = offset;
  }

  /** Of a region that others fill; its place is known. */
  static Storage external(Region region, long bytes, long offset) {
    return new Storage(region, bytes, offset);
  }

  /** Of the arena; its place is planned when all uses are known. */
  static Storage planned(Region arena, long bytes) {
    return new Storage(arena, bytes, 0);
  }

  void usedAt(int step) {
    first = Math.min(first, step);
    last = Math.max(last, step);
  }

  void place(long newOffset) {
    offset = newOffset;
  }

  /** Several read it as their own: nobody may write over it. */
  void share() {
    shared = true;
  }

  boolean shared() {
    return shared;
  }

  boolean meets(Storage other) {
    return first <= other.last && other.first <= last;
  }

  Region region() {
    return region;
  }

  long bytes() {
    return bytes;
  }

  long offset() {
    return offset;
  }

  long end() {
    return offset + bytes;
  }

  long address() {
    return region.address() + offset;
  }
}
