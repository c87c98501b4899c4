package org.murmuration.worker.accel.op;

import java.util.List;
import org.murmuration.worker.accel.onednn.ElementType;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Parameter;
import org.murmuration.worker.accel.plan.Tensor;
import org.murmuration.worker.accel.plan.View;

/**
 * The mean and variance that a batch normalisation remembers. DL4J keeps them among the parameters
 * and expresses their change as a gradient, so that it can be averaged: new = old - gradient.
 */
public final class RunningStatistics {
  private final Parameter mean;
  private final Parameter spread;
  private final boolean log10Deviation;
  private final double decay;

  /**
   * @param mean the running mean, [channels]
   * @param spread the running variance, or the decimal logarithm of the standard deviation
   * @param log10Deviation whether it is the latter
   * @param decay how much of the old a step keeps
   */
  public RunningStatistics(Parameter mean, Parameter spread, boolean log10Deviation, double decay) {
    this.mean = mean;
    this.spread = spread;
    this.log10Deviation = log10Deviation;
    this.decay = decay;
  }

  List<Parameter> parameters() {
    return List.of(mean, spread);
  }

  Tensor mean(Emitter e) {
    return e.parameter(mean);
  }

  Tensor variance(Emitter e) {
    var stored = e.parameter(spread);
    if (!log10Deviation) {
      return stored;
    }
    var variance = e.create(e.oneDnn().plain(ElementType.F32, spread.shape()));
    var from = e.view(stored);
    var to = e.view(variance);
    e.run(
        "variance of the logarithm",
        () -> {
          for (int i = 0; i < spread.length(); i++) {
            to.set(i, (float) variance(from.get(i)));
          }
        },
        stored,
        variance);
    return variance;
  }

  /** Writes the gradients that a batch with these statistics gives. */
  void update(Emitter e, Tensor batchMean, Tensor batchVariance) {
    var means = new Change(e, mean, batchMean);
    var spreads = new Change(e, spread, batchVariance);
    e.run(
        "running statistics",
        () -> {
          means.apply((old, batch) -> (1 - decay) * (old - batch));
          spreads.apply(log10Deviation ? this::logarithmic : (old, b) -> (1 - decay) * (old - b));
        },
        batchMean,
        batchVariance);
  }

  private double logarithmic(double oldLog10Deviation, double batchVariance) {
    var old = variance(oldLog10Deviation);
    return 0.5 * Math.log10(old / (decay * old + (1 - decay) * batchVariance));
  }

  private static double variance(double log10Deviation) {
    return Math.pow(10, 2 * log10Deviation);
  }

  /** From the old value and the batch's to the gradient. */
  @FunctionalInterface
  private interface Rule {
    double gradient(double old, double batch);
  }

  /** One of the two statistics: the old, the batch's, and the gradient. */
  private record Change(View old, View batch, View gradient, long length) {
    Change(Emitter e, Parameter parameter, Tensor batch) {
      this(
          e.view(e.parameter(parameter)),
          e.view(batch),
          e.view(e.parameterGradient(parameter)),
          parameter.length());
    }

    void apply(Rule rule) {
      for (int i = 0; i < length; i++) {
        gradient.set(i, (float) rule.gradient(old.get(i), batch.get(i)));
      }
    }
  }
}
