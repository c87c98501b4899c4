package org.murmuration.worker.accel.kernel;

import java.util.Arrays;

/**
 * Piecewise linear curves, one for each channel: y = x + sum of s_k max(0, x - t_k). The slopes s_k
 * are the parameters, [knots, channels]; the knots t_k are evenly apart. A piece of a channel at a
 * time, which stays in the processor's nearest cache.
 */
public final class ToneCurveKernel implements ImageKernel {
  private static final int PIECE = 512;

  private final ImageSize size;
  private final float[] places;
  private final float perUnit;
  private final float[] work = new float[PIECE];
  private final double[] gradients;
  private final double[] products;

  /**
   * @param knots how many, at least 1
   * @param from the first knot
   * @param to behind the last knot
   */
  public ToneCurveKernel(ImageSize size, int knots, double from, double to) {
    this.size = size;
    this.places = new float[knots];
    for (int k = 0; k < knots; k++) {
      places[k] = (float) (from + (to - from) * k / knots);
    }
    this.perUnit = (float) (knots / (to - from));
    this.gradients = new double[knots + 1];
    this.products = new double[knots + 1];
  }

  @Override
  public ImageSize output() {
    return size;
  }

  /** What is done with a piece of a channel. */
  @FunctionalInterface
  private interface Piece {
    void at(int channel, int offset, int length);
  }

  private void each(Piece piece) {
    int plane = size.plane();
    for (int channel = 0; channel < size.channels(); channel++) {
      for (int at = 0; at < plane; at += PIECE) {
        piece.at(channel, channel * plane + at, Math.min(PIECE, plane - at));
      }
    }
  }

  @Override
  public void forward(float[] parameters, float[] drawn, float[] x, float[] y) {
    System.arraycopy(x, 0, y, 0, size.length());
    each(
        (channel, offset, length) -> {
          for (int k = 0; k < places.length; k++) {
            addHinges(y, x, offset, length, places[k], parameters[k * size.channels() + channel]);
          }
        });
  }

  private static void addHinges(
      float[] y, float[] x, int offset, int length, float place, float slope) {
    for (int i = offset; i < offset + length; i++) {
      y[i] += slope * Math.max(0, x[i] - place);
    }
  }

  @Override
  public void backward(float[] parameters, float[] drawn, float[] x, float[] dy, float[] dx) {
    each(
        (channel, offset, length) -> {
          Arrays.fill(work, 0, length, 1);
          for (int k = 0; k < places.length; k++) {
            addSlopes(x, offset, length, places[k], parameters[k * size.channels() + channel]);
          }
          for (int i = 0; i < length; i++) {
            dx[offset + i] = work[i] * dy[offset + i];
          }
        });
  }

  private void addSlopes(float[] x, int offset, int length, float place, float slope) {
    for (int i = 0; i < length; i++) {
      work[i] += x[offset + i] > place ? slope : 0;
    }
  }

  /**
   * Sums of the gradient, and of the gradient times the value, over the pixels between two knots
   * each; a knot's share is that of all pixels above it. Where a pixel at a knot is counted is of
   * no account, as it adds 0.
   */
  @Override
  public void learn(float[] parameters, float[] drawn, float[] x, float[] dy, double[] learned) {
    for (int channel = 0; channel < size.channels(); channel++) {
      addUp(x, dy, channel * size.plane());
      double gradient = 0;
      double product = 0;
      for (int k = places.length - 1; k >= 0; k--) {
        gradient += gradients[k + 1];
        product += products[k + 1];
        learned[k * size.channels() + channel] += product - places[k] * gradient;
      }
    }
  }

  private void addUp(float[] x, float[] dy, int from) {
    Arrays.fill(gradients, 0);
    Arrays.fill(products, 0);
    for (int i = from; i < from + size.plane(); i++) {
      int knot = (int) ((x[i] - places[0]) * perUnit + 1);
      int bin = Math.max(0, Math.min(places.length, knot));
      gradients[bin] += dy[i];
      products[bin] += (double) dy[i] * x[i];
    }
  }
}
