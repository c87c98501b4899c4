package org.murmuration.worker.collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a rank's sums of one vector lost on a lossy wire so far; it is sent with the next sum (error
 * feedback: Seide et al. 2014, Karimireddy et al. 2019). Belongs to a rank's state: a checkpoint
 * without it goes on with another model.
 */
public final class Residual {
  private final UnsafeBuffer values;
  private float threshold;

  private Residual(UnsafeBuffer values) {
    this.values = values;
  }

  /** Nothing lost yet of a vector of so many values. */
  public static Residual of(int length) {
    return new Residual(
        new UnsafeBuffer(
            ByteBuffer.allocateDirect(length * Float.BYTES).order(ByteOrder.nativeOrder())));
  }

  /** For sums that lose nothing. */
  public static Residual none() {
    return of(0);
  }

  /** fp32 in the machine's order, to be read and written in place. */
  public UnsafeBuffer values() {
    return values;
  }

  /** Above which magnitude threshold coding sends a value; 0 before the first sum. */
  public float threshold() {
    return threshold;
  }

  /** Sets the threshold of the next sum. */
  public void threshold(float next) {
    threshold = next;
  }
}
