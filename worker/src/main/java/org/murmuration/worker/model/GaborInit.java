package org.murmuration.worker.model;

import org.deeplearning4j.nn.weights.IWeightInit;
import org.murmuration.worker.accel.kernel.GaborWave;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Starts the filters of a convolution as Gabor functions, which is what the first layers of
 * networks for photos come to look like: see {@link GaborWave#start}. Each has the mean 0 and the
 * norm 1.
 */
public final class GaborInit implements IWeightInit {
  private static final long serialVersionUID = 1L;

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
        double weight = GaborWave.color(f, c, channels);
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
    var wave = GaborWave.start(filter, filters, Math.max(height, width));
    var plane = new double[height * width];
    double sum = 0;
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        double value = wave.at(column - (width - 1) / 2.0, row - (height - 1) / 2.0).value();
        plane[row * width + column] = value;
        sum += value;
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
