package org.murmuration.worker.accel.op;

import java.util.List;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;

/** Images with a border of zeros around them, or with their border cut off. */
public final class PlacementOp extends Node {
  private final boolean padding;
  private final long[] offsets;

  private PlacementOp(
      String layer, Value input, Value output, boolean padding, long top, long left) {
    super(layer, List.of(input), output);
    this.padding = padding;
    this.offsets = new long[] {0, 0, top, left};
  }

  /** Zeros around the image, so many of them above and to the left. */
  public static PlacementOp padding(String layer, Value input, Value output, long top, long left) {
    return new PlacementOp(layer, input, output, true, top, left);
  }

  /** The border cut off, so much of it above and to the left. */
  public static PlacementOp cropping(String layer, Value input, Value output, long top, long left) {
    return new PlacementOp(layer, input, output, false, top, left);
  }

  @Override
  public Runnable emit(Emitter e) {
    var in = e.tensor(input());
    e.define(output(), padding ? padded(e, in, output()) : cropped(e, in, output()));
    return () -> {
      var gradient = e.gradient(output());
      e.contribute(input(), padding ? cropped(e, gradient, input()) : padded(e, gradient, input()));
    };
  }

  private Tensor padded(Emitter e, Tensor small, Value large) {
    var result = e.create(e.oneDnn().plain(small.layout().type(), large.shape()));
    e.zero(result);
    e.copy(small, box(e, result, small.layout().shape()));
    return result;
  }

  private Tensor cropped(Emitter e, Tensor large, Value small) {
    var result = e.create(e.oneDnn().plain(large.layout().type(), small.shape()));
    e.copy(box(e, large, small.shape()), result);
    return result;
  }

  /** Only channels are ever blocked, so a box of pixels cuts no block. */
  private Tensor box(Emitter e, Tensor whole, long[] shape) {
    return whole.as(e.oneDnn().box(whole.layout(), shape, offsets));
  }
}
