package org.murmuration.worker.accel.onednn;

import org.bytedeco.dnnl.global.dnnl;

/** Batch normalisation with scale and shift over the second dimension. */
public final class BatchNorm {

  /** How a normalisation works. */
  public enum Mode {
    /** With the batch's own mean and variance, which it puts out. */
    TRAINING(0),
    /** The same, and a ReLU after it. */
    TRAINING_RELU(dnnl.dnnl_fuse_norm_relu),
    /** With mean and variance that are given. */
    INFERENCE(dnnl.dnnl_use_global_stats),
    /** The same, and a ReLU after it. */
    INFERENCE_RELU(dnnl.dnnl_use_global_stats | dnnl.dnnl_fuse_norm_relu);

    private final int flags;

    Mode(int flags) {
      this.flags = flags | dnnl.dnnl_use_scale | dnnl.dnnl_use_shift;
    }

    private boolean training() {
      return (flags & dnnl.dnnl_use_global_stats) == 0;
    }
  }

  private BatchNorm() {}

  /** The output; with a ReLU in training it fills a workspace. */
  public static Primitive forward(
      OneDnn oneDnn, Mode mode, Layout src, Layout dst, double epsilon) {
    return oneDnn.primitive(
        "batch normalisation of " + src,
        (result, engine, attributes) ->
            dnnl.dnnl_batch_normalization_forward_primitive_desc_create(
                result,
                engine,
                mode.training() ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference,
                src.descriptor(),
                dst.descriptor(),
                (float) epsilon,
                mode.flags,
                attributes));
  }

  /** The gradients of source, scale and shift. */
  public static Primitive backward(
      OneDnn oneDnn,
      Mode mode,
      Layout diffSrc,
      Layout diffDst,
      Layout src,
      double epsilon,
      Primitive forward) {
    return oneDnn.primitive(
        "batch normalisation's gradient of " + src,
        (result, engine, attributes) ->
            dnnl.dnnl_batch_normalization_backward_primitive_desc_create(
                result,
                engine,
                dnnl.dnnl_backward,
                diffSrc.descriptor(),
                diffDst.descriptor(),
                src.descriptor(),
                (float) epsilon,
                mode.flags,
                forward.descriptor(),
                attributes));
  }
}
