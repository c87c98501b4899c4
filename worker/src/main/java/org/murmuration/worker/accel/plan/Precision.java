package org.murmuration.worker.accel.plan;

import java.util.Locale;
import org.murmuration.worker.accel.onednn.ElementType;
import org.murmuration.worker.accel.onednn.OneDnn;

/** In which numbers convolutions and products are computed. */
public enum Precision {
  /** Single precision throughout. */
  FP32(ElementType.F32),
  /**
   * Activations, their gradients and the weights that are multiplied are bfloat16; products are
   * accumulated, and parameters, their gradients, statistics and losses kept, in single precision
   * (Kalamkar et al. 2019, "A Study of BFLOAT16 for Deep Learning Training").
   */
  BF16(ElementType.BF16);

  private final ElementType activations;

  Precision(ElementType activations) {
    this.activations = activations;
  }

  /** What activations are made of. */
  public ElementType activations() {
    return activations;
  }

  /** Whether this processor computes so at full speed. */
  public boolean isSupported() {
    return this == FP32 || OneDnn.hasBf16();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
