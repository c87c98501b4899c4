package org.murmuration.worker.training;

/** What a rank, or who is behind it, wants of the run; the strongest wish of all ranks counts. */
public enum Wish {
  /** Nothing. */
  GO_ON(0),
  /** That the run ends with the epoch. */
  STOP_AFTER_EPOCH(1),
  /** That it ends with the step. */
  STOP(2);

  private final int strength;

  Wish(int strength) {
    this.strength = strength;
  }

  byte encode() {
    return (byte) strength;
  }

  static Wish decode(byte encoded) {
    for (var wish : values()) {
      if (wish.strength == encoded) {
        return wish;
      }
    }
    throw new IllegalArgumentException("there is no wish of strength " + encoded);
  }

  /** The stronger of two. */
  public Wish or(Wish other) {
    return strength >= other.strength ? this : other;
  }
}
