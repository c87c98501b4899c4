package org.murmuration.worker.accel.onednn;

import java.util.List;
import java.util.Optional;
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

  /** The C interface has a null where there is no bias. */
  static dnnl_memory_desc descriptor(Optional<Layout> layout) {
    return layout.map(Layout::descriptor).orElse(null);
  }
}
