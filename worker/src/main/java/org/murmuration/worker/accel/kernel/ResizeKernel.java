package org.murmuration.worker.accel.kernel;

import java.util.Arrays;

/**
 * Another size by linear interpolation along each side, with pixels as squares whose middles count.
 * Where an image shrinks, what a pixel reads grows with it, so that nothing is skipped: as
 * PyTorch's {@code interpolate(mode = "bilinear", antialias = True)} and Pillow do.
 */
public final class ResizeKernel implements ImageKernel {
  private final ImageSize input;
  private final ImageSize output;
  private final Taps rows;
  private final Taps columns;
  private final float[] between;

  /** From the one size to a height and width. */
  public ResizeKernel(ImageSize input, int height, int width) {
    this.input = input;
    this.output = new ImageSize(input.channels(), height, width);
    this.rows = new Taps(input.height(), height);
    this.columns = new Taps(input.width(), width);
    this.between = new float[height * input.width()];
  }

  /** Which values of a line make one of the resized line, and how much each counts. */
  private static final class Taps {
    private final int[] first;
    private final float[][] weights;

    Taps(int from, int to) {
      first = new int[to];
      weights = new float[to][];
      double scale = (double) from / to;
      double support = Math.max(scale, 1);
      for (int i = 0; i < to; i++) {
        double middle = (i + 0.5) * scale;
        int begin = (int) Math.max(0, Math.floor(middle - support + 0.5));
        int end = (int) Math.min(from, Math.floor(middle + support + 0.5));
        first[i] = begin;
        weights[i] = weights(begin, end, middle, support);
      }
    }

    private static float[] weights(int begin, int end, double middle, double support) {
      var triangle = new double[end - begin];
      double sum = 0;
      for (int k = 0; k < triangle.length; k++) {
        triangle[k] = Math.max(0, 1 - Math.abs((begin + k + 0.5 - middle) / support));
        sum += triangle[k];
      }
      var weights = new float[triangle.length];
      for (int k = 0; k < weights.length; k++) {
        weights[k] = (float) (triangle[k] / sum);
      }
      return weights;
    }
  }

  @Override
  public ImageSize output() {
    return output;
  }

  @Override
  public void forward(float[] parameters, float[] drawn, float[] x, float[] y) {
    for (int channel = 0; channel < input.channels(); channel++) {
      int from = channel * input.plane();
      Arrays.fill(between, 0);
      for (int row = 0; row < output.height(); row++) {
        var weights = rows.weights[row];
        for (int k = 0; k < weights.length; k++) {
          int source = from + (rows.first[row] + k) * input.width();
          Lines.addMultiple(between, row * input.width(), weights[k], x, source, input.width());
        }
      }
      shrinkRows(y, channel * output.plane());
    }
  }

  private void shrinkRows(float[] y, int to) {
    for (int row = 0; row < output.height(); row++) {
      int source = row * input.width();
      for (int column = 0; column < output.width(); column++) {
        var weights = columns.weights[column];
        int first = source + columns.first[column];
        float sum = 0;
        for (int k = 0; k < weights.length; k++) {
          sum += weights[k] * between[first + k];
        }
        y[to + row * output.width() + column] = sum;
      }
    }
  }

  @Override
  public void backward(float[] parameters, float[] drawn, float[] x, float[] dy, float[] dx) {
    Arrays.fill(dx, 0);
    for (int channel = 0; channel < input.channels(); channel++) {
      spreadRows(dy, channel * output.plane());
      int to = channel * input.plane();
      for (int row = 0; row < output.height(); row++) {
        var weights = rows.weights[row];
        for (int k = 0; k < weights.length; k++) {
          int target = to + (rows.first[row] + k) * input.width();
          Lines.addMultiple(dx, target, weights[k], between, row * input.width(), input.width());
        }
      }
    }
  }

  private void spreadRows(float[] dy, int from) {
    Arrays.fill(between, 0);
    for (int row = 0; row < output.height(); row++) {
      int target = row * input.width();
      for (int column = 0; column < output.width(); column++) {
        var weights = columns.weights[column];
        float gradient = dy[from + row * output.width() + column];
        int first = target + columns.first[column];
        for (int k = 0; k < weights.length; k++) {
          between[first + k] += weights[k] * gradient;
        }
      }
    }
  }

  @Override
  public void learn(float[] parameters, float[] drawn, float[] x, float[] dy, double[] learned) {
    // There is nothing to learn.
  }
}
