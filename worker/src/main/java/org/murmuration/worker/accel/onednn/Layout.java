package org.murmuration.worker.accel.onednn;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * Where the elements of a tensor lie in memory: plain, blocked as a primitive likes it, or left to
 * the primitive to choose. Belongs to the {@link OneDnn} that made it.
 */
public final class Layout {
  private final dnnl_memory_desc descriptor;
  private final ElementType type;
  private final long[] shape;

  Layout(dnnl_memory_desc descriptor, ElementType type, long... shape) {
    this.descriptor = descriptor;
    this.type = type;
    this.shape = shape;
  }

  /** What one element is. */
  public ElementType type() {
    return type;
  }

  /** The logical dimensions, whatever the order in memory. */
  public long[] shape() {
    return shape.clone();
  }

  /** The number of elements without padding. */
  public long length() {
    return LongStream.of(shape).reduce(1, Math::multiplyExact);
  }

  /** The memory that a tensor of this layout takes, padding included. */
  public long bytes() {
    return dnnl.dnnl_memory_desc_get_size(descriptor);
  }

  dnnl_memory_desc descriptor() {
    return descriptor;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Layout that
        && dnnl.dnnl_memory_desc_equal(descriptor, that.descriptor) != 0;
  }

  @Override
  public int hashCode() {
    return 31 * type.hashCode() + Arrays.hashCode(shape);
  }

  @Override
  public String toString() {
    return type + Arrays.toString(shape);
  }
}
