package org.murmuration.worker.collective;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a rank brings to an all-reduce.
 *
 * @param vector fp32 values in the machine's order; becomes the sum
 * @param residual of the same length; not touched by an exact wire, and then it may be empty
 */
record Summand(UnsafeBuffer vector, Residual residual) {

  /** The vector's length in values. */
  int length() {
    return vector.capacity() / Float.BYTES;
  }
}
