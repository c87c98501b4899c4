package org.murmuration.worker.accel.onednn;

import java.util.List;
import java.util.Optional;
import org.bytedeco.dnnl.global.dnnl;

/**
 * Convolution of images [n, c, h, w] with weights [out, in, h, w], or [groups, out, in, h, w] when
 * channels are in groups.
 *
 * @param window how the kernel moves
 */
public record Convolution(Window window) implements Product {

  @Override
  public long flops(long[] src, long[] weights, long[] dst) {
    return Product.flops(dst, weights, dst[1]);
  }

  @Override
  public Primitive forward(
      OneDnn oneDnn,
      boolean training,
      Layout src,
      Layout weights,
      Optional<Layout> bias,
      Layout dst,
      List<PostOp> postOps) {
    return oneDnn.primitive(
        "convolution of %s with %s".formatted(src, weights),
        postOps,
        (result, engine, attributes) ->
            dnnl.dnnl_convolution_forward_primitive_desc_create(
                result,
                engine,
                training ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference,
                dnnl.dnnl_convolution_direct,
                src.descriptor(),
                weights.descriptor(),
                Product.descriptor(bias),
                dst.descriptor(),
                window.stride().array(),
                window.dilation().minusOne(),
                window.before().array(),
                window.after().array(),
                attributes));
  }

  @Override
  public Primitive backwardData(
      OneDnn oneDnn, Layout diffSrc, Layout weights, Layout diffDst, Primitive forward) {
    return oneDnn.primitive(
        "convolution's gradient of %s with %s".formatted(diffSrc, weights),
        (result, engine, attributes) ->
            dnnl.dnnl_convolution_backward_data_primitive_desc_create(
                result,
                engine,
                dnnl.dnnl_convolution_direct,
                diffSrc.descriptor(),
                weights.descriptor(),
                diffDst.descriptor(),
                window.stride().array(),
                window.dilation().minusOne(),
                window.before().array(),
                window.after().array(),
                forward.descriptor(),
                attributes));
  }

  @Override
  public Primitive backwardWeights(
      OneDnn oneDnn,
      Layout src,
      Layout diffWeights,
      Optional<Layout> diffBias,
      Layout diffDst,
      Primitive forward) {
    return oneDnn.primitive(
        "convolution's gradient of weights %s".formatted(diffWeights),
        (result, engine, attributes) ->
            dnnl.dnnl_convolution_backward_weights_primitive_desc_create(
                result,
                engine,
                dnnl.dnnl_convolution_direct,
                src.descriptor(),
                diffWeights.descriptor(),
                Product.descriptor(diffBias),
                diffDst.descriptor(),
                window.stride().array(),
                window.dilation().minusOne(),
                window.before().array(),
                window.after().array(),
                forward.descriptor(),
                attributes));
  }
}
