package org.murmuration.worker.accel.plan;

import java.util.Arrays;
import java.util.stream.LongStream;

/** What one operation puts out and others read. Two values are the same only if identical. */
public final class Value {
  private final String name;
  private final long[] shape;
  private boolean exact;

  /**
   * @param name for messages and profiles
   * @param shape with the batch size first
   */
  public Value(String name, long... shape) {
    this.name = name;
    this.shape = shape.clone();
  }

  public String name() {
    return name;
  }

  /** The dimensions, the batch size first. */
  public long[] shape() {
    return shape.clone();
  }

  /** One of the dimensions. */
  public long size(int dimension) {
    return shape[dimension];
  }

  public int rank() {
    return shape.length;
  }

  /** The number of elements. */
  public long length() {
    return LongStream.of(shape).reduce(1, Math::multiplyExact);
  }

  /** Asks for full precision whatever the plan's: losses are computed from it. */
  public void keepExact() {
    exact = true;
  }

  boolean exact() {
    return exact;
  }

  @Override
  public String toString() {
    return name + Arrays.toString(shape);
  }
}
