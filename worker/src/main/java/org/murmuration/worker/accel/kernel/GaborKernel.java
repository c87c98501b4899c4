package org.murmuration.worker.accel.kernel;

import java.util.Arrays;

/**
 * A convolution whose filters are Gabor functions (Daugman 1985) that learn as such: of each filter
 * the angle, the wavelength, the width of the bell, the phase and what each channel counts. A
 * filter is colour[c] exp(-(u^2 + v^2 / 4) / (2 s^2)) cos(2 pi u / l + p), with u across the wave
 * and v along it, in pixels from the middle. Parameters are added to what they start as, so that
 * what shrinks weights pulls filters to their start; they are [filters, 5 + channels]: angle,
 * logarithm of l, logarithm of s, p, bias, colours.
 */
public final class GaborKernel implements ImageKernel {
  /** Parameters of a filter before its colours. */
  public static final int COLORS = 5;

  private static final int ANGLE = 0;
  private static final int LENGTH = 1;
  private static final int DEVIATION = 2;
  private static final int PHASE = 3;
  private static final int BIAS = 4;
  private static final int SHAPES = 4;
  private static final double[][] OPPONENTS = {{1, 1, 1}, {1, -1, 0}, {-0.5, -0.5, 1}};

  private final ImageSize input;
  private final ImageSize output;
  private final int kernel;
  private final int stride;
  private final int above;
  private final int left;
  private final float[] start;
  private final float[] waves;
  private final float[][] slopes;
  private final float[] patches;
  private float[] known = {};

  /**
   * @param kernel the side of a filter
   * @param stride between outputs
   * @param above padding, of zeros
   * @param left padding, of zeros
   * @param output what becomes of an image
   */
  public GaborKernel(
      ImageSize input, int kernel, int stride, int above, int left, ImageSize output) {
    this.input = input;
    this.output = output;
    this.kernel = kernel;
    this.stride = stride;
    this.above = above;
    this.left = left;
    this.start = start(output.channels(), input.channels(), kernel);
    this.waves = new float[output.channels() * kernel * kernel];
    this.slopes = new float[SHAPES][waves.length];
    this.patches = new float[input.channels() * kernel * kernel * output.plane()];
  }

  /**
   * What parameters are added to. Angles are evenly apart, phases 0 and a quarter in turn, a wave
   * is as long as the filter or half of it, the bell a quarter of the filter. Filters of three
   * channels are of brightness, red against green, and both against blue, in turn. Each has the
   * norm 1.
   */
  public static float[] start(int filters, int channels, int kernel) {
    int row = COLORS + channels;
    var start = new float[filters * row];
    for (int f = 0; f < filters; f++) {
      double length = Math.max(2, kernel / (f / 2 % 2 == 0 ? 1.0 : 2.0));
      start[f * row + ANGLE] = (float) (Math.PI * f / filters);
      start[f * row + LENGTH] = (float) Math.log(length);
      start[f * row + DEVIATION] = (float) Math.log(kernel / 4.0);
      start[f * row + PHASE] = f % 2 == 0 ? 0 : (float) (Math.PI / 2);
      double norm = norm(start, f * row, kernel);
      double colors = 0;
      for (int c = 0; c < channels; c++) {
        double weight = channels == OPPONENTS.length ? OPPONENTS[f % OPPONENTS.length][c] : 1;
        start[f * row + COLORS + c] = (float) weight;
        colors += weight * weight;
      }
      for (int c = 0; c < channels; c++) {
        start[f * row + COLORS + c] /= (float) (norm * Math.sqrt(colors));
      }
    }
    return start;
  }

  private static double norm(float[] values, int at, int kernel) {
    double squares = 0;
    for (int cell = 0; cell < kernel * kernel; cell++) {
      double wave = new Wave(values, at, kernel, cell).value();
      squares += wave * wave;
    }
    return Math.sqrt(squares);
  }

  /** A Gabor function without colours, at one cell of a filter. */
  private static final class Wave {
    private final double u;
    private final double v;
    private final double length;
    private final double variance;
    private final double bell;
    private final double phase;

    Wave(float[] values, int at, int kernel, int cell) {
      int row = cell / kernel;
      double x = cell % kernel - (kernel - 1) / 2.0;
      double y = row - (kernel - 1) / 2.0;
      double angle = values[at + ANGLE];
      u = x * Math.cos(angle) + y * Math.sin(angle);
      v = y * Math.cos(angle) - x * Math.sin(angle);
      length = Math.exp(values[at + LENGTH]);
      variance = Math.exp(2.0 * values[at + DEVIATION]);
      bell = Math.exp(-(u * u + v * v / 4) / (2 * variance));
      phase = 2 * Math.PI * u / length + values[at + PHASE];
    }

    double value() {
      return bell * Math.cos(phase);
    }

    /** As u grows by v and v falls by u, when the angle grows. */
    double byAngle() {
      return -value() * (u * v - v * u / 4) / variance
          - bell * Math.sin(phase) * 2 * Math.PI * v / length;
    }

    double byLength() {
      return bell * Math.sin(phase) * 2 * Math.PI * u / length;
    }

    double byDeviation() {
      return value() * (u * u + v * v / 4) / variance;
    }

    double byPhase() {
      return -bell * Math.sin(phase);
    }
  }

  /** The filters, [filters, channels, kernel, kernel]. */
  public float[] filters(float... parameters) {
    know(parameters);
    int cells = kernel * kernel;
    var filters = new float[output.channels() * input.channels() * cells];
    for (int i = 0; i < filters.length; i++) {
      int f = i / cells / input.channels();
      filters[i] = color(f, i / cells % input.channels()) * waves[f * cells + i % cells];
    }
    return filters;
  }

  @Override
  public ImageSize output() {
    return output;
  }

  @Override
  public void forward(float[] parameters, float[] drawn, float[] x, float[] y) {
    know(parameters);
    cut(x);
    int plane = output.plane();
    for (int f = 0; f < output.channels(); f++) {
      Arrays.fill(y, f * plane, (f + 1) * plane, known[f * row() + BIAS]);
      for (int tap = 0; tap < taps(); tap++) {
        Lines.addMultiple(y, f * plane, weight(f, tap), patches, tap * plane, plane);
      }
    }
  }

  @Override
  public void backward(float[] parameters, float[] drawn, float[] x, float[] dy, float[] dx) {
    know(parameters);
    int plane = output.plane();
    Arrays.fill(patches, 0);
    for (int tap = 0; tap < taps(); tap++) {
      for (int f = 0; f < output.channels(); f++) {
        Lines.addMultiple(patches, tap * plane, weight(f, tap), dy, f * plane, plane);
      }
    }
    Arrays.fill(dx, 0);
    eachRun(
        (patch, pixel, count) -> {
          for (int i = 0; i < count; i++) {
            dx[pixel + i * stride] += patches[patch + i];
          }
        });
  }

  @Override
  public void learn(float[] parameters, float[] drawn, float[] x, float[] dy, double[] learned) {
    know(parameters);
    cut(x);
    int plane = output.plane();
    int cells = kernel * kernel;
    for (int f = 0; f < output.channels(); f++) {
      int at = f * row();
      learned[at + BIAS] += Lines.sum(dy, f * plane, plane);
      for (int tap = 0; tap < taps(); tap++) {
        double gradient = Lines.dot(dy, f * plane, patches, tap * plane, plane);
        int channel = tap / cells;
        int cell = f * cells + tap % cells;
        learned[at + COLORS + channel] += gradient * waves[cell];
        double ofWave = gradient * color(f, channel);
        for (int shape = 0; shape < SHAPES; shape++) {
          learned[at + shape] += ofWave * slopes[shape][cell];
        }
      }
    }
  }

  private int row() {
    return COLORS + input.channels();
  }

  private int taps() {
    return input.channels() * kernel * kernel;
  }

  private float color(int filter, int channel) {
    return known[filter * row() + COLORS + channel];
  }

  private float weight(int filter, int tap) {
    int cells = kernel * kernel;
    return color(filter, tap / cells) * waves[filter * cells + tap % cells];
  }

  /** Waves and their slopes, once for all images of a batch. */
  private void know(float... parameters) {
    var values = new float[start.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = start[i] + parameters[i];
    }
    if (Arrays.equals(values, known)) {
      return;
    }
    known = values;
    int cells = kernel * kernel;
    for (int i = 0; i < waves.length; i++) {
      var wave = new Wave(values, i / cells * row(), kernel, i % cells);
      waves[i] = (float) wave.value();
      slopes[ANGLE][i] = (float) wave.byAngle();
      slopes[LENGTH][i] = (float) wave.byLength();
      slopes[DEVIATION][i] = (float) wave.byDeviation();
      slopes[PHASE][i] = (float) wave.byPhase();
    }
  }

  /** A stretch of a row of the patches, and the pixel that its first is. */
  @FunctionalInterface
  private interface Run {
    void at(int patch, int pixel, int count);
  }

  /** For each tap of a filter, what it sees for each output, row by row; 0 in the padding. */
  private void cut(float... x) {
    Arrays.fill(patches, 0);
    eachRun(
        (patch, pixel, count) -> {
          for (int i = 0; i < count; i++) {
            patches[patch + i] = x[pixel + i * stride];
          }
        });
  }

  private void eachRun(Run run) {
    for (int tap = 0; tap < taps(); tap++) {
      int channel = tap / (kernel * kernel);
      int down = tap / kernel % kernel - above;
      int across = tap % kernel - left;
      int first = Math.max(0, Math.floorDiv(stride - 1 - across, stride));
      int end = Math.min(output.width(), Math.floorDiv(input.width() - 1 - across, stride) + 1);
      for (int row = 0; row < output.height() && first < end; row++) {
        int from = row * stride + down;
        if (from >= 0 && from < input.height()) {
          int patch = tap * output.plane() + row * output.width() + first;
          int pixel = channel * input.plane() + from * input.width() + first * stride + across;
          run.at(patch, pixel, end - first);
        }
      }
    }
  }
}
