package org.murmuration.worker.accel.onednn;

import java.util.List;
import java.util.Optional;
import org.bytedeco.dnnl.global.dnnl;

/** Products of rows [n, in] with weights [out, in]. */
public record InnerProduct() implements Product {

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
        "product of %s with %s".formatted(src, weights),
        postOps,
        (result, engine, attributes) ->
            dnnl.dnnl_inner_product_forward_primitive_desc_create(
                result,
                engine,
                training ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference,
                src.descriptor(),
                weights.descriptor(),
                Product.descriptor(bias),
                dst.descriptor(),
                attributes));
  }

  @Override
  public Primitive backwardData(
      OneDnn oneDnn, Layout diffSrc, Layout weights, Layout diffDst, Primitive forward) {
    return oneDnn.primitive(
        "product's gradient of %s with %s".formatted(diffSrc, weights),
        (result, engine, attributes) ->
            dnnl.dnnl_inner_product_backward_data_primitive_desc_create(
                result,
                engine,
                diffSrc.descriptor(),
                weights.descriptor(),
                diffDst.descriptor(),
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
        "product's gradient of weights %s".formatted(diffWeights),
        (result, engine, attributes) ->
            dnnl.dnnl_inner_product_backward_weights_primitive_desc_create(
                result,
                engine,
                src.descriptor(),
                diffWeights.descriptor(),
                Product.descriptor(diffBias),
                diffDst.descriptor(),
                forward.descriptor(),
                attributes));
  }
}
