package org.murmuration.worker.accel.kernel;

import java.util.Arrays;

/**
 * Piecewise linear curves, one for each channel: y = x + sum of s_k max(0, x - t_k). The slopes s_k
 * are the parameters, [knots, channels]. A piece of a channel at a time, which stays in the
 * processor's nearest cache.
 */
public final class ToneCurveKernel implements ImageKernel {
  private static final int PIECE = 512;

  private final ImageSize size;
  private final float[] places;
  private final float[] work = new float[PIECE];

  /**
   * @param places where the knots t_k are
   */
  public ToneCurveKernel(ImageSize size, float... places) {
    this.size = size;
    this.places = places.clone();
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

  @Override
  public void learn(float[] parameters, float[] drawn, float[] x, float[] dy, double[] learned) {
    each(
        (channel, offset, length) -> {
          for (int k = 0; k < places.length; k++) {
            multiplyHinges(x, dy, offset, length, places[k]);
            learned[k * size.channels() + channel] += Lines.sum(work, 0, length);
          }
        });
  }

  private void multiplyHinges(float[] x, float[] dy, int offset, int length, float place) {
    for (int i = 0; i < length; i++) {
      work[i] = dy[offset + i] * Math.max(0, x[offset + i] - place);
    }
  }
}
