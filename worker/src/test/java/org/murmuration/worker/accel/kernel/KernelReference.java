package org.murmuration.worker.accel.kernel;

import java.util.EnumMap;
import java.util.Map;
import org.murmuration.worker.accel.kernel.AugmentKernel.Change;

/**
 * What kernels compute, as their formulas are written, in double precision and one pixel at a time.
 */
interface KernelReference {

  /** An image channel by channel, of the kernel's output's size. */
  double[] compute(double[] parameters, double[] drawn, double... image);

  /** (B + D) x + b + d with all of D. */
  static KernelReference color(ImageSize size, double[][] base) {
    return (w, drawn, x) -> {
      int n = size.channels();
      var y = new double[size.length()];
      for (int pixel = 0; pixel < size.plane(); pixel++) {
        for (int to = 0; to < n; to++) {
          double sum = base[to][n] + w[to * (n + 1) + n];
          for (int from = 0; from < n; from++) {
            sum += (base[to][from] + w[to * (n + 1) + from]) * x[from * size.plane() + pixel];
          }
          y[to * size.plane() + pixel] = sum;
        }
      }
      return y;
    };
  }

  /** (a + s) x + b + d for each channel. */
  static KernelReference affine(ImageSize size, double[][] base) {
    return (w, drawn, x) -> {
      var y = new double[size.length()];
      for (int i = 0; i < y.length; i++) {
        int c = i / size.plane();
        y[i] = (base[c][c] + w[2 * c]) * x[i] + base[c][size.channels()] + w[2 * c + 1];
      }
      return y;
    };
  }

  static KernelReference curve(ImageSize size, float... places) {
    return (w, drawn, x) -> {
      var y = x.clone();
      for (int i = 0; i < y.length; i++) {
        for (int k = 0; k < places.length; k++) {
          double slope = w[k * size.channels() + i / size.plane()];
          y[i] += slope * Math.max(0, x[i] - places[k]);
        }
      }
      return y;
    };
  }

  /** Each pixel is the mean of all, weighted by how near they are in both directions. */
  static KernelReference resize(ImageSize size, int height, int width) {
    return (w, drawn, x) -> {
      var y = new double[size.channels() * height * width];
      for (int i = 0; i < y.length; i++) {
        int row = i / width % height;
        int column = i % width;
        double sum = 0;
        double weights = 0;
        for (int pixel = 0; pixel < size.plane(); pixel++) {
          double weight =
              nearness(row, height, pixel / size.width(), size.height())
                  * nearness(column, width, pixel % size.width(), size.width());
          sum += weight * x[i / (height * width) * size.plane() + pixel];
          weights += weight;
        }
        y[i] = sum / weights;
      }
      return y;
    };
  }

  private static double nearness(int to, int toSize, int from, int fromSize) {
    double scale = (double) fromSize / toSize;
    double distance = from + 0.5 - (to + 0.5) * scale;
    return Math.max(0, 1 - Math.abs(distance) / Math.max(1, scale));
  }

  /** All changes, in the order in which they are declared. */
  static KernelReference augment(ImageSize size) {
    return (w, drawn, x) -> {
      Map<Change, Double> by = new EnumMap<>(Change.class);
      int index = 0;
      for (var change : Change.values()) {
        by.put(change, w[index] * drawn[index]);
        index++;
      }
      var warped = warped(size, by, x);
      var gray = gray(size, warped);
      double mean = 0;
      for (double value : gray) {
        mean += value / gray.length;
      }
      var y = new double[size.length()];
      for (int i = 0; i < y.length; i++) {
        double g = gray[i % size.plane()];
        double colored = g + (1 + by.get(Change.SATURATION)) * (warped[i] - g);
        y[i] = mean + (1 + by.get(Change.CONTRAST)) * (colored - mean) + by.get(Change.BRIGHTNESS);
      }
      return y;
    };
  }

  /** The sum over a filter's window of filter times image, 0 where there is no image. */
  static KernelReference gabor(
      ImageSize size, int kernel, int stride, int above, int left, ImageSize output) {
    var start = GaborKernel.start(output.channels(), size.channels(), kernel);
    return (w, drawn, x) -> {
      var y = new double[output.length()];
      for (int i = 0; i < y.length; i++) {
        int f = i / output.plane();
        int at = f * (5 + size.channels());
        y[i] = start[at + 4] + w[at + 4];
        for (int tap = 0; tap < size.channels() * kernel * kernel; tap++) {
          int c = tap / (kernel * kernel);
          int row = i % output.plane() / output.width() * stride + tap / kernel % kernel - above;
          int column = i % output.width() * stride + tap % kernel - left;
          if (row >= 0 && row < size.height() && column >= 0 && column < size.width()) {
            double color = start[at + 5 + c] + w[at + 5 + c];
            y[i] +=
                color
                    * wave(at, kernel, tap % (kernel * kernel), start, w)
                    * x[c * size.plane() + row * size.width() + column];
          }
        }
      }
      return y;
    };
  }

  private static double wave(int at, int kernel, int cell, float[] start, double... w) {
    double angle = start[at] + w[at];
    double length = Math.exp(start[at + 1] + w[at + 1]);
    double deviation = Math.exp(start[at + 2] + w[at + 2]);
    double phase = start[at + 3] + w[at + 3];
    double middle = (kernel - 1) / 2.0;
    int row = cell / kernel;
    double across = (cell % kernel - middle) * Math.cos(angle) + (row - middle) * Math.sin(angle);
    double along = (row - middle) * Math.cos(angle) - (cell % kernel - middle) * Math.sin(angle);
    return Math.exp(-(across * across + along * along / 4) / (2 * deviation * deviation))
        * Math.cos(2 * Math.PI * across / length + phase);
  }

  private static double[] gray(ImageSize size, double... image) {
    double[] luminance = {0.299, 0.587, 0.114};
    var gray = new double[size.plane()];
    for (int i = 0; i < size.length(); i++) {
      double weight = size.channels() == 3 ? luminance[i / size.plane()] : 1.0 / size.channels();
      gray[i % size.plane()] += weight * image[i];
    }
    return gray;
  }

  private static double[] warped(ImageSize size, Map<Change, Double> by, double... image) {
    double cos = Math.cos(by.get(Change.ROTATION));
    double sin = Math.sin(by.get(Change.ROTATION));
    double scale = Math.exp(-by.get(Change.ZOOM));
    double middleX = (size.width() - 1) / 2.0;
    double middleY = (size.height() - 1) / 2.0;
    var result = new double[size.length()];
    for (int i = 0; i < result.length; i++) {
      double u = i % size.width() - middleX;
      int row = i % size.plane() / size.width();
      double v = row - middleY;
      double sheared = u + by.get(Change.SHEAR) * v;
      double x =
          scale * (cos * sheared - sin * v) + middleX + by.get(Change.SHIFT_X) * size.width();
      double y =
          scale * (sin * sheared + cos * v) + middleY + by.get(Change.SHIFT_Y) * size.height();
      result[i] = sampled(size, i / size.plane() * size.plane(), x, y, image);
    }
    return result;
  }

  private static double sampled(ImageSize size, int from, double x, double y, double... image) {
    double sum = 0;
    for (int row = (int) Math.floor(y); row <= Math.floor(y) + 1; row++) {
      for (int column = (int) Math.floor(x); column <= Math.floor(x) + 1; column++) {
        double weight = (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
        int inRow = Math.max(0, Math.min(size.height() - 1, row));
        int inColumn = Math.max(0, Math.min(size.width() - 1, column));
        sum += weight * image[from + inRow * size.width() + inColumn];
      }
    }
    return sum;
  }
}
