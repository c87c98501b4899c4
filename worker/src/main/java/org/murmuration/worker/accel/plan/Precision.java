package org.murmuration.worker.accel.plan;

import java.util.Locale;

/** In which numbers convolutions and products are computed. */
public enum Precision {
  /** Single precision throughout. */
  FP32,
  /**
   * Activations, their gradients and the weights that are multiplied are bfloat16; products are
   * accumulated, and parameters, their gradients, statistics and losses kept, in single precision
   * (Kalamkar et al. 2019, "A Study of BFLOAT16 for Deep Learning Training").
   */
  BF16;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
