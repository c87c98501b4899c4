package org.murmuration.worker.accel.op;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.Binary;
import org.murmuration.worker.accel.onednn.Elementwise;
import org.murmuration.worker.accel.onednn.Eltwise;
import org.murmuration.worker.accel.onednn.Layout;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;

/** The sum of values of one shape, each times its factor, with an activation if wanted. */
public final class LinearCombinationOp extends Node implements Fusable {
  private final float[] factors;
  private final FusedActivation activation;

  public LinearCombinationOp(String layer, List<Value> inputs, Value output, float... factors) {
    this(layer, inputs, output, FusedActivation.none(), factors);
  }

  private LinearCombinationOp(
      String layer,
      List<Value> inputs,
      Value output,
      FusedActivation activation,
      float... factors) {
    super(layer, inputs, output);
    this.factors = factors.clone();
    this.activation = activation;
  }

  @Override
  public Optional<Fusable> withActivation(Eltwise function, Value newOutput) {
    if (activation.isPresent() || !function.derivedFromOutput() || !isSumOfTwo()) {
      return Optional.empty();
    }
    var fused = new FusedActivation(Optional.of(function));
    return Optional.of(new LinearCombinationOp(layer(), inputs(), newOutput, fused, factors));
  }

  @Override
  public Runnable emit(Emitter e) {
    var layout = e.tensor(input()).layout();
    var aligned = inputs().stream().map(value -> e.tensor(value, layout)).toList();
    var out = e.create(output(), layout);
    if (isSumOfTwo()) {
      emitSumOfTwo(e, aligned, out);
    } else {
      emitSum(e, aligned, out);
    }
    return () -> backward(e, out);
  }

  private void emitSumOfTwo(Emitter e, List<Tensor> aligned, Tensor out) {
    var layout = out.layout();
    e.call(
        "sum",
        Elementwise.binary(e.oneDnn(), Binary.ADD, layout, layout, layout, activation.postOps()),
        Map.of(Argument.SRC, aligned.get(0), Argument.SRC_1, aligned.get(1), Argument.DST, out));
  }

  private void emitSum(Emitter e, List<Tensor> aligned, Tensor out) {
    var arguments = new LinkedHashMap<Argument, Tensor>();
    for (int i = 0; i < aligned.size(); i++) {
      arguments.put(Argument.source(i), aligned.get(i));
    }
    arguments.put(Argument.DST, out);
    List<Layout> layouts = aligned.stream().map(Tensor::layout).toList();
    e.call("sum", Elementwise.sum(e.oneDnn(), layouts, factors, out.layout()), arguments);
  }

  private void backward(Emitter e, Tensor out) {
    var gradient = activation.backward(e, e.gradient(output(), out.layout()), out);
    for (int i = 0; i < factors.length; i++) {
      if (factors[i] == 1) {
        e.contributeShared(inputs().get(i), gradient);
      } else if (e.wantsGradient(inputs().get(i))) {
        e.contribute(inputs().get(i), scaled(e, gradient, factors[i]));
      }
    }
  }

  private static Tensor scaled(Emitter e, Tensor tensor, float factor) {
    var layout = tensor.layout();
    var result = e.create(layout);
    var scale = Elementwise.forward(e.oneDnn(), false, Eltwise.scale(factor), layout, layout);
    e.call("scale", scale, Map.of(Argument.SRC, tensor, Argument.DST, result));
    return result;
  }

  private boolean isSumOfTwo() {
    return factors.length == 2 && factors[0] == 1 && factors[1] == 1;
  }
}
