package org.murmuration.worker.accel.op;

import java.util.Arrays;
import java.util.List;
import org.murmuration.worker.accel.plan.Emitter;
import org.murmuration.worker.accel.plan.Parameter;
import org.murmuration.worker.accel.plan.Value;
import org.murmuration.worker.accel.plan.View;

/**
 * Piecewise linear curves, one for each channel of images: y = x + sum of s_k max(0, x - t_k). A
 * piece of a channel at a time, in arrays that stay in the processor's nearest cache, by loops that
 * the compiler makes vectors of.
 */
public final class ToneCurveOp extends Node {
  private static final int CHUNK = 512;

  private final Parameter slopes;
  private final float[] places;
  private final boolean frozen;
  private final float[] x = new float[CHUNK];
  private final float[] y = new float[CHUNK];
  private final float[] g = new float[CHUNK];

  /**
   * @param slopes [knots, channels], plain
   * @param places where the knots are
   * @param frozen whether the slopes don't learn
   */
  public ToneCurveOp(
      String layer, Value input, Value output, Parameter slopes, float[] places, boolean frozen) {
    super(layer, List.of(input), output);
    this.slopes = slopes;
    this.places = places.clone();
    this.frozen = frozen;
  }

  @Override
  public List<Parameter> parameters() {
    return frozen ? List.of() : List.of(slopes);
  }

  @Override
  public Runnable emit(Emitter e) {
    var source = e.tensor(input(), e.plain(input()));
    var out = e.create(output(), e.plain(output()));
    var from = e.view(source);
    var to = e.view(out);
    var s = e.view(e.parameter(slopes));
    e.run("curve", () -> forward(from, s, to), source, out);
    return () -> {
      var gradient = e.gradient(output(), e.plain(output()));
      var before = e.view(gradient);
      if (!frozen) {
        var learned = e.view(e.parameterGradient(slopes));
        e.run("gradient of curve", () -> slopes(from, before, learned), source, gradient);
      }
      if (e.wantsGradient(input())) {
        var part = e.create(e.plain(input()));
        var after = e.view(part);
        e.run("gradient of input", () -> backward(from, before, s, after), source, gradient, part);
        e.contribute(input(), part);
      }
    };
  }

  /** What is done with a piece of a channel. */
  @FunctionalInterface
  private interface Piece {
    void at(int channel, long offset, int length);
  }

  private void each(Piece piece) {
    long plane = input().size(2) * input().size(3);
    long channels = input().size(1);
    for (long p = 0; p < input().size(0) * channels; p++) {
      for (long at = 0; at < plane; at += CHUNK) {
        piece.at((int) (p % channels), p * plane + at, (int) Math.min(CHUNK, plane - at));
      }
    }
  }

  private void forward(View from, View slope, View to) {
    each(
        (channel, offset, length) -> {
          from.read(offset, x, length);
          System.arraycopy(x, 0, y, 0, length);
          for (int k = 0; k < places.length; k++) {
            addHinges(places[k], slope.get(k * input().size(1) + channel), length);
          }
          to.write(offset, y, length);
        });
  }

  private void addHinges(float place, float slope, int length) {
    for (int i = 0; i < length; i++) {
      y[i] += slope * Math.max(0, x[i] - place);
    }
  }

  private void backward(View from, View gradient, View slope, View to) {
    each(
        (channel, offset, length) -> {
          from.read(offset, x, length);
          gradient.read(offset, g, length);
          Arrays.fill(y, 0, length, 1);
          for (int k = 0; k < places.length; k++) {
            addSlopes(places[k], slope.get(k * input().size(1) + channel), length);
          }
          for (int i = 0; i < length; i++) {
            y[i] *= g[i];
          }
          to.write(offset, y, length);
        });
  }

  private void addSlopes(float place, float slope, int length) {
    for (int i = 0; i < length; i++) {
      y[i] += x[i] > place ? slope : 0;
    }
  }

  private void slopes(View from, View gradient, View learned) {
    int channels = Math.toIntExact(input().size(1));
    var totals = new double[channels * places.length];
    each(
        (channel, offset, length) -> {
          from.read(offset, x, length);
          gradient.read(offset, g, length);
          for (int k = 0; k < places.length; k++) {
            multiplyHinges(places[k], length);
            totals[k * channels + channel] += sum(y, length);
          }
        });
    for (int i = 0; i < totals.length; i++) {
      learned.set(i, (float) totals[i]);
    }
  }

  private void multiplyHinges(float place, int length) {
    for (int i = 0; i < length; i++) {
      y[i] = g[i] * Math.max(0, x[i] - place);
    }
  }

  private static double sum(float[] values, int length) {
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += values[i];
    }
    return sum;
  }
}
