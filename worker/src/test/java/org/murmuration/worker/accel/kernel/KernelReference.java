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
