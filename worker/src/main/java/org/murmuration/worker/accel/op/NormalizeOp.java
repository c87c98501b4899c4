package org.murmuration.worker.accel.op;

import java.util.List;
import java.util.Map;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.Binary;
import org.murmuration.worker.accel.onednn.Elementwise;
import org.murmuration.worker.accel.onednn.PostOp;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;

/** (x - mean) / deviation by channel, of bytes or of floats. */
public final class NormalizeOp extends Node {
  private final float[] mean;
  private final float[] deviation;

  public NormalizeOp(String layer, Value input, Value output, float[] mean, float[] deviation) {
    super(layer, List.of(input), output);
    this.mean = mean.clone();
    this.deviation = deviation.clone();
  }

  @Override
  public Runnable emit(Emitter e) {
    var in = e.tensor(input());
    var out = e.create(output(), e.oneDnn().plain(e.type(output()), output().shape()));
    var means = perChannel(e, mean);
    var deviations = perChannel(e, deviation);
    var normalize =
        Elementwise.binary(
            e.oneDnn(),
            Binary.SUBTRACT,
            in.layout(),
            means.layout(),
            out.layout(),
            List.of(PostOp.of(Binary.DIVIDE, deviations.layout())));
    e.call(
        "normalise",
        normalize,
        Map.of(
            Argument.SRC,
            in,
            Argument.SRC_1,
            means,
            Argument.postOperand(0),
            deviations,
            Argument.DST,
            out));
    return () -> backward(e, deviations);
  }

  private void backward(Emitter e, Tensor deviations) {
    var gradient = e.gradient(output());
    var layout = gradient.layout();
    var difference = e.create(layout);
    e.call(
        "normalise's gradient",
        Elementwise.binary(
            e.oneDnn(), Binary.DIVIDE, layout, deviations.layout(), layout, List.of()),
        Map.of(Argument.SRC, gradient, Argument.SRC_1, deviations, Argument.DST, difference));
    e.contribute(input(), difference);
  }

  private static Tensor perChannel(Emitter e, float[] values) {
    return Constants.perChannel(e, values, 1, values.length, 1, 1);
  }
}
