package org.murmuration.worker.accel.kernel;

import java.util.Arrays;

/**
 * A convolution whose filters are Gabor functions that learn as such: see {@link GaborWave}. Of
 * each filter the angle, the wavelength, the width of the bell, the phase and what each channel
 * counts are learned. Parameters are added to what they start as, so that what shrinks weights
 * pulls filters to their start; they are [filters, 5 + channels]: angle, logarithm of the
 * wavelength, logarithm of the deviation, phase, bias, colours.
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

  /** What parameters are added to: see {@link GaborWave#start}. Each filter has the norm 1. */
  public static float[] start(int filters, int channels, int kernel) {
    int row = COLORS + channels;
    var start = new float[filters * row];
    for (int f = 0; f < filters; f++) {
      var wave = GaborWave.start(f, filters, kernel);
      start[f * row + ANGLE] = (float) wave.angle();
      start[f * row + LENGTH] = (float) Math.log(wave.length());
      start[f * row + DEVIATION] = (float) Math.log(wave.deviation());
      start[f * row + PHASE] = (float) wave.phase();
      double colors = 0;
      for (int c = 0; c < channels; c++) {
        colors += Math.pow(GaborWave.color(f, c, channels), 2);
      }
      double norm = norm(wave, kernel) * Math.sqrt(colors);
      for (int c = 0; c < channels; c++) {
        start[f * row + COLORS + c] = (float) (GaborWave.color(f, c, channels) / norm);
      }
    }
    return start;
  }

  private static double norm(GaborWave wave, int kernel) {
    double squares = 0;
    for (int cell = 0; cell < kernel * kernel; cell++) {
      squares += Math.pow(at(wave, kernel, cell).value(), 2);
    }
    return Math.sqrt(squares);
  }

  private static GaborWave.Point at(GaborWave wave, int kernel, int cell) {
    int row = cell / kernel;
    return wave.at(cell % kernel - (kernel - 1) / 2.0, row - (kernel - 1) / 2.0);
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
      var point = at(wave(i / cells * row()), kernel, i % cells);
      waves[i] = (float) point.value();
      slopes[ANGLE][i] = (float) point.byAngle();
      slopes[LENGTH][i] = (float) point.byLength();
      slopes[DEVIATION][i] = (float) point.byDeviation();
      slopes[PHASE][i] = (float) point.byPhase();
    }
  }

  private GaborWave wave(int at) {
    return new GaborWave(
        known[at + ANGLE],
        Math.exp(known[at + LENGTH]),
        Math.exp(known[at + DEVIATION]),
        known[at + PHASE]);
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
