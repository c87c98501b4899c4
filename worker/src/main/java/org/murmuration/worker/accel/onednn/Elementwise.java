package org.murmuration.worker.accel.onednn;

import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.PointerPointer;

/** Functions of single elements, of pairs of elements, sums, copies and softmax. */
public final class Elementwise {

  private Elementwise() {}

  /** A function of each element. */
  public static Primitive forward(
      OneDnn oneDnn, boolean training, Eltwise function, Layout src, Layout dst) {
    return oneDnn.primitive(
        "function of " + src,
        (result, engine, attributes) ->
            dnnl.dnnl_eltwise_forward_primitive_desc_create(
                result,
                engine,
                training ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference,
                function.forward(),
                src.descriptor(),
                dst.descriptor(),
                function.alpha(),
                function.beta(),
                attributes));
  }

  /**
   * The gradient of a function.
   *
   * @param data its output or its input, as {@link Eltwise#derivedFromOutput} says
   */
  public static Primitive backward(
      OneDnn oneDnn, Eltwise function, Layout diffSrc, Layout diffDst, Layout data) {
    var hint = forward(oneDnn, true, function, data, data);
    return oneDnn.primitive(
        "function's gradient of " + data,
        (result, engine, attributes) ->
            dnnl.dnnl_eltwise_backward_primitive_desc_create(
                result,
                engine,
                function.backward(),
                diffSrc.descriptor(),
                diffDst.descriptor(),
                data.descriptor(),
                function.alpha(),
                function.beta(),
                hint.descriptor(),
                attributes));
  }

  /** A function of pairs; the second operand may have dimensions of 1, which then repeat. */
  public static Primitive binary(
      OneDnn oneDnn,
      Binary function,
      Layout first,
      Layout second,
      Layout dst,
      List<PostOp> postOps) {
    return oneDnn.primitive(
        "%s of %s and %s".formatted(function, first, second),
        postOps,
        (result, engine, attributes) ->
            dnnl.dnnl_binary_primitive_desc_create(
                result,
                engine,
                function.code(),
                first.descriptor(),
                second.descriptor(),
                dst.descriptor(),
                attributes));
  }

  /** The sum of the sources, each times its scale. */
  public static Primitive sum(OneDnn oneDnn, List<Layout> sources, float[] scales, Layout dst) {
    try (var list = pointers(sources)) {
      return oneDnn.primitiveOfMany(
          "sum of " + sources,
          (result, engine, attributes) ->
              dnnl.dnnl_sum_primitive_desc_create(
                  result, engine, dst.descriptor(), sources.size(), scales, list, attributes));
    }
  }

  /** The sources next to each other along the second dimension. */
  public static Primitive concatenation(OneDnn oneDnn, List<Layout> sources, Layout dst) {
    try (var list = pointers(sources)) {
      return oneDnn.primitiveOfMany(
          "concatenation of " + sources,
          (result, engine, attributes) ->
              dnnl.dnnl_concat_primitive_desc_create(
                  result, engine, dst.descriptor(), sources.size(), 1, list, attributes));
    }
  }

  /** A copy in another layout or type. */
  public static Primitive reorder(OneDnn oneDnn, Layout src, Layout dst) {
    return oneDnn.primitive(
        "copy of %s to %s".formatted(src, dst),
        (result, engine, attributes) ->
            dnnl.dnnl_reorder_primitive_desc_create(
                result, src.descriptor(), engine, dst.descriptor(), engine, attributes));
  }

  /** Softmax over the second dimension. */
  public static Primitive softmax(OneDnn oneDnn, Layout src, Layout dst) {
    return oneDnn.primitive(
        "softmax of " + src,
        (result, engine, attributes) ->
            dnnl.dnnl_softmax_forward_primitive_desc_create(
                result,
                engine,
                dnnl.dnnl_forward_inference,
                dnnl.dnnl_softmax_accurate,
                src.descriptor(),
                dst.descriptor(),
                1,
                attributes));
  }

  private static PointerPointer<dnnl_memory_desc> pointers(List<Layout> layouts) {
    var list = new PointerPointer<dnnl_memory_desc>(layouts.size());
    IntStream.range(0, layouts.size()).forEach(i -> list.put(i, layouts.get(i).descriptor()));
    return list;
  }
}
