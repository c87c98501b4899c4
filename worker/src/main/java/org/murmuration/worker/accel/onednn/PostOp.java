package org.murmuration.worker.accel.onednn;

import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.global.dnnl;

/** What a primitive does with each result before it writes it to memory. */
@FunctionalInterface
public interface PostOp {

  /** Applies a function. */
  static PostOp of(Eltwise function) {
    return postOps ->
        OneDnn.check(
            "appending a function",
            dnnl.dnnl_post_ops_append_eltwise(
                postOps, function.forward(), function.alpha(), function.beta()));
  }

  /** Combines it with another tensor, which is {@link Argument#postOperand}. */
  static PostOp of(Binary function, Layout operand) {
    return postOps ->
        OneDnn.check(
            "appending an operation",
            dnnl.dnnl_post_ops_append_binary(postOps, function.code(), operand.descriptor()));
  }

  /** Adds this to oneDNN's list. */
  void appendTo(dnnl_post_ops postOps);
}
