package org.murmuration.worker.accel.onednn;

import org.bytedeco.dnnl.global.dnnl;

/** Local response normalisation across channels: src / (k + alpha / size sum(src^2))^beta. */
public final class ResponseNorm {

  /**
   * The formula's constants.
   *
   * @param size how many channels are summed
   */
  public record Constants(long size, double alpha, double beta, double k) {}

  private ResponseNorm() {}

  /** The output; in training it fills a workspace. */
  public static Primitive forward(
      OneDnn oneDnn, boolean training, Layout src, Layout dst, Constants constants) {
    return oneDnn.primitive(
        "response normalisation of " + src,
        (result, engine, attributes) ->
            dnnl.dnnl_lrn_forward_primitive_desc_create(
                result,
                engine,
                training ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference,
                dnnl.dnnl_lrn_across_channels,
                src.descriptor(),
                dst.descriptor(),
                constants.size(),
                (float) constants.alpha(),
                (float) constants.beta(),
                (float) constants.k(),
                attributes));
  }

  /** The gradient of the source. */
  public static Primitive backward(
      OneDnn oneDnn,
      Layout diffSrc,
      Layout diffDst,
      Layout src,
      Constants constants,
      Primitive forward) {
    return oneDnn.primitive(
        "response normalisation's gradient of " + src,
        (result, engine, attributes) ->
            dnnl.dnnl_lrn_backward_primitive_desc_create(
                result,
                engine,
                dnnl.dnnl_lrn_across_channels,
                diffSrc.descriptor(),
                diffDst.descriptor(),
                src.descriptor(),
                constants.size(),
                (float) constants.alpha(),
                (float) constants.beta(),
                (float) constants.k(),
                forward.descriptor(),
                attributes));
  }
}
