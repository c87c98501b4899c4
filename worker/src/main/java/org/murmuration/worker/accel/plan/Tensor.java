package org.murmuration.worker.accel.plan;

import org.murmuration.worker.accel.onednn.Layout;

/** Memory of a plan, seen in a layout; several tensors may see the same memory. */
public final class Tensor {
  private final Layout layout;
  private final Storage storage;

  Tensor(Layout layout, Storage storage) {
    this.layout = layout;
    this.storage = storage;
  }

  public Layout layout() {
    return layout;
  }

  Storage storage() {
    return storage;
  }

  /** The same memory in a layout of as many bytes. */
  public Tensor as(Layout other) {
    return new Tensor(other, storage);
  }
}
