package org.murmuration.worker.accel.onednn;

import java.util.List;
import org.bytedeco.dnnl.global.dnnl;

/** Pooling of images [n, c, h, w]. */
public final class Pooling {

  /** What becomes of the cells under the kernel. */
  public enum Kind {
    MAXIMUM(dnnl.dnnl_pooling_max),
    /** The mean of the cells that are in the image. */
    AVERAGE(dnnl.dnnl_pooling_avg_exclude_padding),
    /** Their sum, divided by the size of the kernel. */
    AVERAGE_WITH_PADDING(dnnl.dnnl_pooling_avg_include_padding);

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  private Pooling() {}

  /** The output from the images; in training maximum pooling fills a workspace. */
  public static Primitive forward(
      OneDnn oneDnn,
      boolean training,
      Kind kind,
      Layout src,
      Layout dst,
      Window window,
      List<PostOp> postOps) {
    return oneDnn.primitive(
        "pooling of " + src,
        postOps,
        (result, engine, attributes) ->
            dnnl.dnnl_pooling_forward_primitive_desc_create(
                result,
                engine,
                training ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference,
                kind.code,
                src.descriptor(),
                dst.descriptor(),
                window.stride().array(),
                window.kernel().array(),
                window.dilation().minusOne(),
                window.before().array(),
                window.after().array(),
                attributes));
  }

  /** The gradient of the images. */
  public static Primitive backward(
      OneDnn oneDnn, Kind kind, Layout diffSrc, Layout diffDst, Window window, Primitive forward) {
    return oneDnn.primitive(
        "pooling's gradient of " + diffSrc,
        (result, engine, attributes) ->
            dnnl.dnnl_pooling_backward_primitive_desc_create(
                result,
                engine,
                kind.code,
                diffSrc.descriptor(),
                diffDst.descriptor(),
                window.stride().array(),
                window.kernel().array(),
                window.dilation().minusOne(),
                window.before().array(),
                window.after().array(),
                forward.descriptor(),
                attributes));
  }
}
