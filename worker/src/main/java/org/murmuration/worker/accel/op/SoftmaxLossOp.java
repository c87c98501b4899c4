package org.murmuration.worker.accel.op;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.murmuration.worker.accel.onednn.Argument;
import org.murmuration.worker.accel.onednn.Binary;
import org.murmuration.worker.accel.onednn.Elementwise;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.SampleLosses;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.Value;
import org.murmuration.worker.accel.plan.View;

/**
 * Softmax over the second dimension with cross-entropy: of each image when logits are [n, classes],
 * of each pixel when they are [n, classes, h, w]. The gradient is probability - label, times the
 * sample's weight if the batch has weights.
 */
public final class SoftmaxLossOp extends Node {
  private final int labels;
  private final double clip;

  /**
   * @param labels which of the network's outputs it is
   * @param clip probabilities count as at least this and at most one minus this
   */
  public SoftmaxLossOp(String layer, Value logits, Value output, int labels, double clip) {
    super(layer, List.of(logits), output);
    this.labels = labels;
    this.clip = clip;
  }

  @Override
  public boolean isLoss() {
    return true;
  }

  @Override
  public boolean weighsSamples() {
    return true;
  }

  @Override
  public Runnable emit(Emitter e) {
    var logits = e.tensor(input(), e.plain(input()));
    var probabilities = e.create(output(), logits.layout());
    e.call(
        "softmax",
        Elementwise.softmax(e.oneDnn(), logits.layout(), probabilities.layout()),
        Map.of(Argument.SRC, logits, Argument.DST, probabilities));
    var expected = Labels.ofShape(e, layer(), labels, input());
    var loss = new double[1];
    var z = e.view(logits);
    var p = e.view(probabilities);
    var y = e.view(expected);
    var samples = samples();
    var weights = e.sampleWeights();
    var w = weights.map(e::view);
    e.run("loss", () -> loss[0] = crossEntropy(z, p, y, w, samples), logits, probabilities);
    e.addLoss(() -> loss[0]);
    e.tellSamples(samples);
    return () -> e.contribute(input(), difference(e, probabilities, expected, weights));
  }

  /** Room for the losses of images; those of pixels aren't told. */
  private SampleLosses samples() {
    var shape = input().shape();
    int samples = shape.length == 2 ? Math.toIntExact(shape[0]) : 0;
    return SampleLosses.of(samples);
  }

  /** A softmax may make numbers of logits that are none, so those are looked at themselves. */
  private double crossEntropy(
      View logits, View p, View y, Optional<View> weights, SampleLosses samples) {
    int told = samples.losses().length;
    long rows = told == 0 ? 1 : told;
    long length = input().length() / rows;
    double sum = 0;
    for (int row = 0; row < rows; row++) {
      double loss = 0;
      double squares = 0;
      long first = row * length;
      long best = first;
      for (long i = first; i < first + length; i++) {
        if (!Float.isFinite(logits.get(i))) {
          return Double.NaN;
        }
        var label = y.get(i);
        if (label != 0) {
          loss -= label * Math.log(Math.min(Math.max(p.get(i), clip), 1 - clip));
        }
        double difference = p.get(i) - label;
        squares += difference * difference;
        best = p.get(i) > p.get(best) ? i : best;
      }
      if (told > 0) {
        samples.losses()[row] = (float) loss;
        samples.gradientNorms()[row] = (float) Math.sqrt(squares);
        samples.predicted()[row] = (int) (best - first);
      }
      int sample = row;
      sum += loss * weights.map(weight -> weight.get(sample)).orElse(1f);
    }
    return sum;
  }

  private static Tensor difference(
      Emitter e, Tensor probabilities, Tensor expected, Optional<Tensor> weights) {
    var layout = probabilities.layout();
    e.call(
        "loss's gradient",
        Elementwise.binary(
            e.oneDnn(), Binary.SUBTRACT, layout, expected.layout(), layout, List.of()),
        Map.of(Argument.SRC, probabilities, Argument.SRC_1, expected, Argument.DST, probabilities));
    weights.ifPresent(w -> weigh(e, probabilities, w));
    return probabilities;
  }

  private static void weigh(Emitter e, Tensor gradient, Tensor weights) {
    var layout = gradient.layout();
    e.call(
        "weights of samples",
        Elementwise.binary(
            e.oneDnn(), Binary.MULTIPLY, layout, weights.layout(), layout, List.of()),
        Map.of(Argument.SRC, gradient, Argument.SRC_1, weights, Argument.DST, gradient));
  }
}
