package org.murmuration.worker.accel.onednn;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/** One computation that oneDNN has chosen an implementation for. */
public final class Primitive {
  private final OneDnn oneDnn;
  private final dnnl_primitive_desc descriptor;

  Primitive(OneDnn oneDnn, dnnl_primitive_desc descriptor) {
    this.oneDnn = oneDnn;
    this.descriptor = descriptor;
  }

  /** The layout that it wants of, or gives to, an argument. */
  public Layout layout(Argument argument) {
    return oneDnn.copyOf(query(dnnl.dnnl_query_exec_arg_md, argument.code()));
  }

  /** The memory that it needs while it runs; of no bytes if it needs none. */
  public Layout scratchpad() {
    return oneDnn.copyOf(query(dnnl.dnnl_query_scratchpad_md, 0));
  }

  /** oneDNN's name of the implementation, such as {@code jit:avx512_core}. */
  public String implementation() {
    try (var result = new PointerPointer<BytePointer>(1)) {
      OneDnn.check(
          "asking for the implementation",
          dnnl.dnnl_primitive_desc_query(descriptor, dnnl.dnnl_query_impl_info_str, 0, result));
      return result.get(BytePointer.class, 0).getString();
    }
  }

  dnnl_primitive_desc descriptor() {
    return descriptor;
  }

  dnnl_primitive create() {
    var primitive = new dnnl_primitive();
    OneDnn.check("creating a primitive", dnnl.dnnl_primitive_create(primitive, descriptor));
    return primitive;
  }

  private dnnl_memory_desc query(int what, int index) {
    return dnnl.dnnl_primitive_desc_query_md(descriptor, what, index);
  }
}
