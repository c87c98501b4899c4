package org.murmuration.worker.accel;

import java.io.Serializable;
import java.util.OptionalInt;
import org.murmuration.worker.accel.plan.Precision;

/**
 * How a rank is to compute.
 *
 * @param precision of convolutions and products
 * @param threads the threads of the rank, at least 1
 * @param replicas how many copies of the network share them, 0 for what is faster
 * @param accumulate in how many parts a batch is taken, one after the other, at least 1
 * @param segments in how many parts activations are computed again for the backward pass; 1 keeps
 *     all of them, 0 takes the root of the network's depth
 */
public record ComputationSettings(
    Precision precision, int threads, int replicas, int accumulate, int segments)
    implements Serializable {

  /** A network whose activations are all kept. */
  public static final int WHOLE = 1;

  /** As many segments as the root of the network's depth. */
  public static final int ROOT_OF_DEPTH = 0;

  /** One thread, one copy, single precision. */
  public static final ComputationSettings PLAIN =
      new ComputationSettings(Precision.FP32, 1, 1, 1, 1);

  public ComputationSettings {
    if (threads < 1 || replicas < 0 || replicas > threads) {
      throw new IllegalArgumentException(
          "a rank needs at least 1 thread and at most as many replicas, but threads=%d replicas=%d"
              .formatted(threads, replicas));
    }
    if (accumulate < 1) {
      throw new IllegalArgumentException(
          "a batch is taken in at least 1 part, but accumulate=" + accumulate);
    }
    if (segments < 0) {
      throw new IllegalArgumentException("segments must be at least 0, but are " + segments);
    }
  }

  /** Whole batches. */
  public ComputationSettings(Precision precision, int threads, int replicas) {
    this(precision, threads, replicas, 1, 1);
  }

  /** From the setting, where empty is "what is faster". */
  public static ComputationSettings of(
      Precision precision, int threads, OptionalInt replicas, int accumulate, int segments) {
    return new ComputationSettings(precision, threads, replicas.orElse(0), accumulate, segments);
  }
}
