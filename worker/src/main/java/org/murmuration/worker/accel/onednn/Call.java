package org.murmuration.worker.accel.onednn;

import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;

/** A primitive with its arguments, ready to run as often as wanted. */
public final class Call {
  private final dnnl_primitive primitive;
  private final dnnl_stream stream;
  private final dnnl_exec_arg_t arguments;
  private final int count;

  Call(dnnl_primitive primitive, dnnl_stream stream, dnnl_exec_arg_t arguments, int count) {
    this.primitive = primitive;
    this.stream = stream;
    this.arguments = arguments;
    this.count = count;
  }

  /** Runs it to its end. */
  public void run() {
    var status = dnnl.dnnl_primitive_execute(primitive, stream, count, arguments);
    if (status != dnnl.dnnl_success) {
      throw new OneDnnException("running a primitive", status);
    }
  }
}
