package org.murmuration.worker.accel.onednn;

import org.bytedeco.dnnl.global.dnnl;

/**
 * A function of each element.
 *
 * @param forward oneDNN's number for it
 * @param backward oneDNN's number for its derivative
 * @param derivedFromOutput whether the derivative is computed from the output and not from the
 *     input
 * @param alpha the first parameter
 * @param beta the second parameter
 */
public record Eltwise(
    int forward, int backward, boolean derivedFromOutput, float alpha, float beta) {

  /** max(x, 0) + slope min(x, 0); the slope must not be negative. */
  public static Eltwise relu(double slope) {
    return fromOutput(
        dnnl.dnnl_eltwise_relu, dnnl.dnnl_eltwise_relu_use_dst_for_bwd, (float) slope, 0);
  }

  /** x above 0, alpha (exp(x) - 1) below. */
  public static Eltwise elu(double alpha) {
    return fromOutput(
        dnnl.dnnl_eltwise_elu, dnnl.dnnl_eltwise_elu_use_dst_for_bwd, (float) alpha, 0);
  }

  /** The hyperbolic tangent. */
  public static Eltwise tanh() {
    return fromOutput(dnnl.dnnl_eltwise_tanh, dnnl.dnnl_eltwise_tanh_use_dst_for_bwd, 0, 0);
  }

  /** 1 / (1 + exp(-x)). */
  public static Eltwise logistic() {
    return fromOutput(dnnl.dnnl_eltwise_logistic, dnnl.dnnl_eltwise_logistic_use_dst_for_bwd, 0, 0);
  }

  /** log(1 + exp(x)). */
  public static Eltwise softplus() {
    return fromInput(dnnl.dnnl_eltwise_soft_relu, 1, 0);
  }

  /** x / (1 + exp(-x)). */
  public static Eltwise swish() {
    return fromInput(dnnl.dnnl_eltwise_swish, 1, 0);
  }

  /** min(max(x, low), high). */
  public static Eltwise clip(double low, double high) {
    return new Eltwise(
        dnnl.dnnl_eltwise_clip, dnnl.dnnl_eltwise_clip, false, (float) low, (float) high);
  }

  /** scale x. */
  public static Eltwise scale(double scale) {
    return fromInput(dnnl.dnnl_eltwise_linear, (float) scale, 0);
  }

  private static Eltwise fromOutput(int forward, int backward, float alpha, float beta) {
    return new Eltwise(forward, backward, true, alpha, beta);
  }

  private static Eltwise fromInput(int code, float alpha, float beta) {
    return new Eltwise(code, code, false, alpha, beta);
  }
}
