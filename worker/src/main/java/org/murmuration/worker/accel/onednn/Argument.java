package org.murmuration.worker.accel.onednn;

import org.bytedeco.dnnl.global.dnnl;

/**
 * What a tensor is to a primitive.
 *
 * @param code oneDNN's number for it
 */
public record Argument(int code) {
  public static final Argument SRC = new Argument(dnnl.DNNL_ARG_SRC);
  public static final Argument SRC_1 = new Argument(dnnl.DNNL_ARG_SRC_1);
  public static final Argument DST = new Argument(dnnl.DNNL_ARG_DST);
  public static final Argument WEIGHTS = new Argument(dnnl.DNNL_ARG_WEIGHTS);
  public static final Argument BIAS = new Argument(dnnl.DNNL_ARG_BIAS);
  public static final Argument MEAN = new Argument(dnnl.DNNL_ARG_MEAN);
  public static final Argument VARIANCE = new Argument(dnnl.DNNL_ARG_VARIANCE);
  public static final Argument SCALE = new Argument(dnnl.DNNL_ARG_SCALE);
  public static final Argument SHIFT = new Argument(dnnl.DNNL_ARG_SHIFT);
  public static final Argument WORKSPACE = new Argument(dnnl.DNNL_ARG_WORKSPACE);
  public static final Argument SCRATCHPAD = new Argument(dnnl.DNNL_ARG_SCRATCHPAD);
  public static final Argument DIFF_SRC = new Argument(dnnl.DNNL_ARG_DIFF_SRC);
  public static final Argument DIFF_DST = new Argument(dnnl.DNNL_ARG_DIFF_DST);
  public static final Argument DIFF_WEIGHTS = new Argument(dnnl.DNNL_ARG_DIFF_WEIGHTS);
  public static final Argument DIFF_BIAS = new Argument(dnnl.DNNL_ARG_DIFF_BIAS);
  public static final Argument DIFF_SCALE = new Argument(dnnl.DNNL_ARG_DIFF_SCALE);
  public static final Argument DIFF_SHIFT = new Argument(dnnl.DNNL_ARG_DIFF_SHIFT);

  /** One of the sources of a concatenation or a sum. */
  public static Argument source(int index) {
    return new Argument(dnnl.DNNL_ARG_MULTIPLE_SRC + index);
  }

  /** The second operand of a binary post-operation. */
  public static Argument postOperand(int postOperation) {
    return new Argument(
        (dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE * (postOperation + 1)) | dnnl.DNNL_ARG_SRC_1);
  }
}
