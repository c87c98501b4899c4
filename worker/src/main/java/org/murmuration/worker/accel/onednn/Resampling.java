package org.murmuration.worker.accel.onednn;

import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.FloatPointer;

/** Enlarging of images [n, c, h, w] by repeating pixels; the shapes say by how much. */
public final class Resampling {

  private Resampling() {}

  /** The enlarged images. */
  public static Primitive forward(OneDnn oneDnn, boolean training, Layout src, Layout dst) {
    return oneDnn.primitive(
        "enlarging of " + src,
        (result, engine, attributes) ->
            dnnl.dnnl_resampling_forward_primitive_desc_create(
                result,
                engine,
                training ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference,
                dnnl.dnnl_resampling_nearest,
                (FloatPointer) null,
                src.descriptor(),
                dst.descriptor(),
                attributes));
  }

  /** The gradient of the images. */
  public static Primitive backward(
      OneDnn oneDnn, Layout diffSrc, Layout diffDst, Primitive forward) {
    return oneDnn.primitive(
        "enlarging's gradient of " + diffSrc,
        (result, engine, attributes) ->
            dnnl.dnnl_resampling_backward_primitive_desc_create(
                result,
                engine,
                dnnl.dnnl_resampling_nearest,
                (FloatPointer) null,
                diffSrc.descriptor(),
                diffDst.descriptor(),
                forward.descriptor(),
                attributes));
  }
}
