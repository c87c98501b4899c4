package org.murmuration.worker.accel.plan;

/** Memory that may lie elsewhere in the next run: the batch, the vectors, the arena. */
public final class Region {
  private final String name;
  private long address;

  Region(String name) {
    this.name = name;
  }

  void moveTo(long newAddress) {
    address = newAddress;
  }

  long address() {
    if (address == 0) {
      throw new IllegalStateException("the plan runs, but its " + name + " is nowhere");
    }
    return address;
  }
}
