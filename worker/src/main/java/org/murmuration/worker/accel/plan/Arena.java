package org.murmuration.worker.accel.plan;

import org.bytedeco.javacpp.BytePointer;

/**
 * The memory that plans of one thread use one after the other; it only grows. A plan that finds it
 * elsewhere than before goes there.
 */
public final class Arena implements AutoCloseable {
  /** malloc aligns to 16 bytes, vectors and cache lines want 64. */
  private static final long ALIGNMENT = 64;

  private BytePointer memory = new BytePointer();
  private long bytes;

  /** The address of at least so many bytes, aligned to 64; what was in them is lost. */
  long address(long needed) {
    if (needed > bytes || memory.isNull()) {
      memory.close();
      memory = new BytePointer(needed + ALIGNMENT);
      bytes = needed;
    }
    return (memory.address() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  @Override
  public void close() {
    memory.close();
    bytes = 0;
  }
}
