package org.murmuration.worker.bench;

import java.util.List;
import java.util.stream.IntStream;

/**
 * How far the losses of two contenders that compute the same may be apart. The loss of the first
 * step tells whether the forward passes agree; by how much the next ones are lower tells the same
 * of the gradients, the update and its momentum.
 */
enum Tolerance {
  /** Of single precision. */
  FP32(1e-4, 0.02, 2e-6),
  /** Of activations and weights with eight significant bits. */
  BF16(2e-2, 0.2, 5e-3);

  private final double loss;
  private final double fall;
  private final double noise;

  /**
   * @param loss of the first loss, relative to it
   * @param fall of the fall, relative to it
   * @param noise of the fall, relative to the first loss
   */
  Tolerance(double loss, double fall, double noise) {
    this.loss = loss;
    this.fall = fall;
    this.noise = noise;
  }

  /** Whether the losses of the first steps are those of another contender. */
  boolean agree(List<Double> losses, List<Double> others) {
    double first = losses.get(0);
    double otherFirst = others.get(0);
    return Math.abs(first - otherFirst) <= loss * Math.abs(otherFirst)
        && IntStream.range(1, losses.size())
            .allMatch(i -> fallAgrees(first - losses.get(i), otherFirst - others.get(i), first));
  }

  private boolean fallAgrees(double oneFall, double otherFall, double first) {
    return Math.abs(oneFall - otherFall) <= fall * Math.abs(otherFall) + noise * Math.abs(first);
  }
}
