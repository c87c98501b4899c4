package org.murmuration.worker.accel.onednn;

import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.bytedeco.dnnl.dnnl_memory_desc;

/** What is linear in its source and in its weights, and may add a bias. */
public interface Product {

  /** The output. */
  Primitive forward(
      OneDnn oneDnn,
      boolean training,
      Layout src,
      Layout weights,
      Optional<Layout> bias,
      Layout dst,
      List<PostOp> postOps);

  /**
   * How many additions and multiplications the output takes, and each of the gradients, the padding
   * counted like pixels.
   */
  long flops(long[] src, long[] weights, long[] dst);

  /** The gradient of the source. */
  Primitive backwardData(
      OneDnn oneDnn, Layout diffSrc, Layout weights, Layout diffDst, Primitive forward);

  /** The gradient of the weights and the bias. */
  Primitive backwardWeights(
      OneDnn oneDnn,
      Layout src,
      Layout diffWeights,
      Optional<Layout> diffBias,
      Layout diffDst,
      Primitive forward);

  /** Each element is multiplied with the weights of one channel. */
  static long flops(long[] elements, long[] weights, long channels) {
    return 2 * length(elements) * (length(weights) / channels);
  }

  private static long length(long... shape) {
    return LongStream.of(shape).reduce(1, Math::multiplyExact);
  }

  /** The C interface has a null where there is no bias. */
  static dnnl_memory_desc descriptor(Optional<Layout> layout) {
    return layout.map(Layout::descriptor).orElse(null);
  }
}
