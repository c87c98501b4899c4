package org.murmuration.worker.accel.op;

import java.util.Arrays;
import java.util.Optional;
import org.murmuration.worker.accel.onednn.ElementType;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Parameter;
import org.murmuration.worker.accel.plan.Tensor;

/** One number for each channel, which is learned or always the same. */
public final class Affine {
  private final Optional<Parameter> learned;
  private final long channels;
  private final double constant;

  private Affine(Optional<Parameter> learned, long channels, double constant) {
    this.learned = learned;
    this.channels = channels;
    this.constant = constant;
  }

  /** A parameter of shape [channels]. */
  public static Affine of(Parameter parameter) {
    return new Affine(Optional.of(parameter), parameter.length(), 0);
  }

  /** The same number for all channels. */
  public static Affine constant(long channels, double value) {
    return new Affine(Optional.empty(), channels, value);
  }

  Optional<Parameter> learned() {
    return learned;
  }

  Tensor tensor(Emitter e) {
    return learned.map(e::parameter).orElseGet(() -> filled(e));
  }

  /** Where the gradient goes, even if nobody reads it. */
  Tensor gradient(Emitter e) {
    return learned
        .map(e::parameterGradient)
        .orElseGet(() -> e.create(e.oneDnn().plain(ElementType.F32, channels)));
  }

  private Tensor filled(Emitter e) {
    var values = new float[Math.toIntExact(channels)];
    Arrays.fill(values, (float) constant);
    return Constants.perChannel(e, values, channels);
  }
}
