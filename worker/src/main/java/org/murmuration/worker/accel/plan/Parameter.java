package org.murmuration.worker.accel.plan;

import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * A tensor within the flat vector of parameters; its gradient lies at the same place of the flat
 * vector of gradients. Two parameters are the same only if identical.
 */
public final class Parameter {
  private final long offset;
  private final long[] shape;
  private final long[] strides;

  /**
   * @param offset its first element
   * @param shape the dimensions as primitives want them
   * @param strides the distance between neighbours of each dimension, in elements
   */
  public Parameter(long offset, long[] shape, long[] strides) {
    this.offset = offset;
    this.shape = shape.clone();
    this.strides = strides.clone();
  }

  /** With the last dimension next to each other. */
  public static Parameter plain(long offset, long... shape) {
    var strides = new long[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
    return new Parameter(offset, shape, strides);
  }

  public long offset() {
    return offset;
  }

  public long[] shape() {
    return shape.clone();
  }

  public long[] strides() {
    return strides.clone();
  }

  /** The number of elements. */
  public long length() {
    return LongStream.of(shape).reduce(1, Math::multiplyExact);
  }

  @Override
  public String toString() {
    return Arrays.toString(shape) + " at " + offset;
  }
}
