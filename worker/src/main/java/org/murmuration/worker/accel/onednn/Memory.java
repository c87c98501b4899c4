package org.murmuration.worker.accel.onednn;

import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Pointer;

/** A tensor's memory as primitives see it. */
public final class Memory {

  /** A place in memory, which belongs to somebody else. */
  private static final class Address extends Pointer {
    Address(long address) {
      this.address = address;
    }
  }

  private final dnnl_memory memory;

  Memory(dnnl_memory memory) {
    this.memory = memory;
  }

  /** Says where the tensor lies from now on. */
  public void moveTo(long address) {
    OneDnn.check("moving memory", dnnl.dnnl_memory_set_data_handle(memory, new Address(address)));
  }

  dnnl_memory handle() {
    return memory;
  }
}
