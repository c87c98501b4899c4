package org.murmuration.worker.accel.kernel;

import java.util.Arrays;

/**
 * y = (B + D) x + b + d for the channels of each pixel. B and b are given; D and d are learned and
 * start at 0, so that what shrinks weights pulls to B and b. Parameters are either all of D and d,
 * [channels, channels + 1] row by row with d last in each row, or the diagonal of D and d,
 * [channels, 2].
 */
public final class ColorKernel implements ImageKernel {
  private final ImageSize size;
  private final double[][] base;
  private final boolean diagonal;
  private final float[][] matrix;

  /**
   * @param base what D and d are added to, [channels][channels + 1], b last in each row
   * @param diagonal whether only the diagonal of D is learned
   */
  public ColorKernel(ImageSize size, double[][] base, boolean diagonal) {
    this.size = size;
    this.base = Arrays.stream(base).map(double[]::clone).toArray(double[][]::new);
    this.diagonal = diagonal;
    this.matrix = new float[size.channels()][size.channels() + 1];
  }

  /** How many parameters there are for so many channels. */
  public static int parameters(int channels, boolean diagonal) {
    return channels * (diagonal ? 2 : channels + 1);
  }

  @Override
  public ImageSize output() {
    return size;
  }

  @Override
  public void forward(float[] parameters, float[] drawn, float[] x, float[] y) {
    addUp(parameters);
    int plane = size.plane();
    for (int to = 0; to < size.channels(); to++) {
      Arrays.fill(y, to * plane, (to + 1) * plane, matrix[to][size.channels()]);
      for (int from = 0; from < size.channels(); from++) {
        Lines.addMultiple(y, to * plane, matrix[to][from], x, from * plane, plane);
      }
    }
  }

  @Override
  public void backward(float[] parameters, float[] drawn, float[] x, float[] dy, float[] dx) {
    addUp(parameters);
    int plane = size.plane();
    Arrays.fill(dx, 0);
    for (int from = 0; from < size.channels(); from++) {
      for (int to = 0; to < size.channels(); to++) {
        Lines.addMultiple(dx, from * plane, matrix[to][from], dy, to * plane, plane);
      }
    }
  }

  @Override
  public void learn(float[] parameters, float[] drawn, float[] x, float[] dy, double[] learned) {
    int plane = size.plane();
    int row = diagonal ? 2 : size.channels() + 1;
    for (int to = 0; to < size.channels(); to++) {
      int first = diagonal ? to : 0;
      for (int i = 0; i < row - 1; i++) {
        learned[to * row + i] += Lines.dot(dy, to * plane, x, (first + i) * plane, plane);
      }
      learned[to * row + row - 1] += Lines.sum(dy, to * plane, plane);
    }
  }

  private void addUp(float... parameters) {
    int row = diagonal ? 2 : size.channels() + 1;
    for (int to = 0; to < size.channels(); to++) {
      for (int i = 0; i <= size.channels(); i++) {
        matrix[to][i] = (float) base[to][i];
      }
      int first = diagonal ? to : 0;
      for (int i = 0; i < row - 1; i++) {
        matrix[to][first + i] += parameters[to * row + i];
      }
      matrix[to][size.channels()] += parameters[to * row + row - 1];
    }
  }
}
