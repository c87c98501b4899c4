package org.murmuration.worker.accel.onednn;

import org.bytedeco.dnnl.global.dnnl;

/** A function of two elements. */
public enum Binary {
  ADD(dnnl.dnnl_binary_add),
  SUBTRACT(dnnl.dnnl_binary_sub),
  MULTIPLY(dnnl.dnnl_binary_mul),
  DIVIDE(dnnl.dnnl_binary_div);

  private final int code;

  Binary(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
