package org.murmuration.worker.accel.plan;

import org.murmuration.worker.accel.onednn.Layout;

/** Memory of a plan, seen in a layout; several tensors may see the same memory. */
public final class Tensor {
  private final Layout layout;
  private final Storage storage;
  private final long offset;

  Tensor(Layout layout, Storage storage) {
    this(layout, storage, 0);
  }

  private Tensor(Layout layout, Storage storage, long offset) {
    this.layout = layout;
    this.storage = storage;
    this.offset = offset;
  }

  public Layout layout() {
    return layout;
  }

  Storage storage() {
    return storage;
  }

  /** The same memory in a layout of as many bytes. */
  public Tensor as(Layout other) {
    return new Tensor(other, storage, offset);
  }

  /** A part of the memory, from so many bytes on. */
  public Tensor part(Layout other, long from) {
    return new Tensor(other, storage, offset + from);
  }

  long address() {
    return storage.address() + offset;
  }
}
