package org.murmuration.worker.accel.op;

import java.util.LinkedHashMap;
import java.util.List;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.Elementwise;
import org.murmuration.worker.accel.onednn.OneDnnException;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;

/** Values next to each other along the second dimension. */
public final class MergeOp extends Node {

  public MergeOp(String layer, List<Value> inputs, Value output) {
    super(layer, inputs, output);
  }

  @Override
  public Runnable emit(Emitter e) {
    var dnn = e.oneDnn();
    var type = e.tensor(input()).layout().type();
    var sources = inputs().stream().map(value -> e.floats(value, type)).toList();
    var concatenation =
        Elementwise.concatenation(
            dnn, sources.stream().map(Tensor::layout).toList(), dnn.any(type, output().shape()));
    var arguments = new LinkedHashMap<Argument, Tensor>();
    for (int i = 0; i < sources.size(); i++) {
      arguments.put(Argument.source(i), sources.get(i));
    }
    arguments.put(Argument.DST, e.create(output(), concatenation.layout(Argument.DST)));
    e.call("concatenation", concatenation, arguments);
    return () -> backward(e);
  }

  private void backward(Emitter e) {
    var gradient = e.gradient(output());
    var offsets = new long[output().rank()];
    for (var value : inputs()) {
      if (e.wantsGradient(value)) {
        var part = e.create(e.tensor(value).layout());
        e.copy(box(e, gradient, value.shape(), offsets), part);
        e.contribute(value, part);
      }
      offsets[1] += value.size(1);
    }
  }

  /** A part of the gradient; of a plain copy if the part's border cuts a block of channels. */
  private static Tensor box(Emitter e, Tensor whole, long[] shape, long[] offsets) {
    try {
      return whole.as(e.oneDnn().box(whole.layout(), shape, offsets));
    } catch (OneDnnException cut) {
      if (!cut.isUnimplemented()) {
        throw cut;
      }
      var plain = e.in(e.oneDnn().plain(whole.layout().type(), whole.layout().shape()), whole);
      return plain.as(e.oneDnn().box(plain.layout(), shape, offsets));
    }
  }
}
