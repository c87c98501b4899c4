package org.murmuration.worker.accel.onednn;

import org.bytedeco.dnnl.global.dnnl;

/** How one number is stored. */
public enum ElementType {
  F32(dnnl.dnnl_f32, Float.BYTES),
  BF16(dnnl.dnnl_bf16, Short.BYTES),
  U8(dnnl.dnnl_u8, Byte.BYTES);

  private final int code;
  private final int bytes;

  ElementType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  int code() {
    return code;
  }

  /** The size of one number. */
  public int bytes() {
    return bytes;
  }
}
