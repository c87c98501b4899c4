package org.murmuration.worker.model;

import org.deeplearning4j.nn.weights.IWeightInit;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Starts the filters of a convolution as Gabor functions (Daugman 1985), which is what the first
 * layers of networks for photos come to look like: exp(-(u^2 + v^2 / 4) / (2 s^2)) cos(2 pi u / l +
 * p), with u across the wave and v along it, in pixels from the middle. Of filter f the angle is pi
 * f / filters; the phase p is 0 or a quarter, in turn; the wave is as long as the window, or half
 * of it; s is a quarter of the window. Images of three channels have filters of brightness, red
 * against green, and both against blue, in turn. Each has the mean 0 and the norm 1.
 */
public final class GaborInit implements IWeightInit {
  private static final long serialVersionUID = 1L;
  private static final double[][] OPPONENTS = {{1, 1, 1}, {1, -1, 0}, {-0.5, -0.5, 1}};

  /**
   * @param shape [filters, channels, height, width]
   * @param paramView where the weights lie, which are returned in their shape
   */
  @Override
  public INDArray init(double fanIn, double fanOut, long[] shape, char order, INDArray paramView) {
    int filters = Math.toIntExact(shape[0]);
    int channels = Math.toIntExact(shape[1]);
    int height = Math.toIntExact(shape[2]);
    int width = Math.toIntExact(shape[3]);
    var values = new double[filters * channels * height * width];
    for (int f = 0; f < filters; f++) {
      var plane = plane(f, filters, height, width);
      for (int c = 0; c < channels; c++) {
        double weight = channels == 3 ? OPPONENTS[f % 3][c] : 1;
        for (int i = 0; i < plane.length; i++) {
          values[(f * channels + c) * plane.length + i] = weight * plane[i];
        }
      }
      normalize(values, f * channels * plane.length, channels * plane.length);
    }
    var weights = paramView.reshape(order, shape);
    weights.assign(Nd4j.createFromArray(values).reshape('c', shape));
    return weights;
  }

  private static double[] plane(int filter, int filters, int height, int width) {
    double angle = Math.PI * filter / filters;
    double phase = filter % 2 == 0 ? 0 : Math.PI / 2;
    double length = Math.max(2, Math.max(height, width) / (filter / 2 % 2 == 0 ? 1.0 : 2.0));
    double deviation = Math.max(height, width) / 4.0;
    var plane = new double[height * width];
    double sum = 0;
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        double x = column - (width - 1) / 2.0;
        double y = row - (height - 1) / 2.0;
        double u = x * Math.cos(angle) + y * Math.sin(angle);
        double v = y * Math.cos(angle) - x * Math.sin(angle);
        double bell = Math.exp(-(u * u + v * v / 4) / (2 * deviation * deviation));
        plane[row * width + column] = bell * Math.cos(2 * Math.PI * u / length + phase);
        sum += plane[row * width + column];
      }
    }
    for (int i = 0; i < plane.length; i++) {
      plane[i] -= sum / plane.length;
    }
    return plane;
  }

  private static void normalize(double[] values, int from, int length) {
    double squares = 0;
    for (int i = from; i < from + length; i++) {
      squares += values[i] * values[i];
    }
    for (int i = from; squares > 0 && i < from + length; i++) {
      values[i] /= Math.sqrt(squares);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GaborInit;
  }

  @Override
  public int hashCode() {
    return GaborInit.class.hashCode();
  }
}
