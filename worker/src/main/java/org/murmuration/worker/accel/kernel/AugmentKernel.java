package org.murmuration.worker.accel.kernel;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Random changes of images whose magnitudes are learned: each image is changed by magnitude times a
 * number drawn evenly from [-1, 1), for each {@link Change}. All of it is differentiable, in the
 * pixels and in the magnitudes: the image is first warped by an affine map and sampled between
 * pixels (spatial transformers, Jaderberg et al. 2015), with the border's pixels going on beyond
 * it; then its colours are changed, unclipped. The magnitudes are the parameters, in the order of
 * the changes.
 */
public final class AugmentKernel implements ImageKernel {
  private static final float[] LUMINANCE = {0.299f, 0.587f, 0.114f};

  /** What is changed, and the unit of its magnitude. */
  public enum Change {
    /** Added to all values. */
    BRIGHTNESS,
    /** Added to the factor 1 of the distance to the image's mean gray. */
    CONTRAST,
    /** Added to the factor 1 of the distance to each pixel's gray. */
    SATURATION,
    /** Radians. */
    ROTATION,
    /** The natural logarithm of a factor. */
    ZOOM,
    /** Pixels to the side for each pixel down. */
    SHEAR,
    /** Widths. */
    SHIFT_X,
    /** Heights. */
    SHIFT_Y
  }

  private final ImageSize size;
  private final List<Change> changes;
  private final float[] gray;
  private final Map<Change, Float> by = new EnumMap<>(Change.class);
  private final Map<Change, Double> slopes = new EnumMap<>(Change.class);
  private final int[] at;
  private final int[] right;
  private final int[] below;
  private final float[] alongX;
  private final float[] alongY;
  private final float[] warped;
  private final float[] grays;
  private final float[] dWarped;
  private final float[] dGrays;
  private final float[] slopeX;
  private final float[] slopeY;

  /**
   * @param changes which are made
   */
  public AugmentKernel(ImageSize size, List<Change> changes) {
    this.size = size;
    this.changes = List.copyOf(changes);
    this.gray = new float[size.channels()];
    for (int c = 0; c < gray.length; c++) {
      gray[c] = gray.length == LUMINANCE.length ? LUMINANCE[c] : 1f / gray.length;
    }
    int plane = size.plane();
    this.at = new int[plane];
    this.right = new int[plane];
    this.below = new int[plane];
    this.alongX = new float[plane];
    this.alongY = new float[plane];
    this.warped = new float[size.length()];
    this.grays = new float[plane];
    this.dWarped = new float[size.length()];
    this.dGrays = new float[plane];
    this.slopeX = new float[plane];
    this.slopeY = new float[plane];
  }

  @Override
  public ImageSize output() {
    return size;
  }

  @Override
  public int draws() {
    return changes.size();
  }

  @Override
  public void forward(float[] parameters, float[] drawn, float[] x, float[] y) {
    warp(parameters, drawn, x);
    float factor = 1 + of(Change.SATURATION);
    float contrast = 1 + of(Change.CONTRAST);
    float added = of(Change.BRIGHTNESS) + (1 - contrast) * meanGray();
    int plane = size.plane();
    for (int c = 0; c < size.channels(); c++) {
      for (int i = 0; i < plane; i++) {
        float colored = grays[i] + factor * (warped[c * plane + i] - grays[i]);
        y[c * plane + i] = contrast * colored + added;
      }
    }
  }

  @Override
  public void backward(float[] parameters, float[] drawn, float[] x, float[] dy, float[] dx) {
    warp(parameters, drawn, x);
    backwardColors(dy);
    Arrays.fill(dx, 0);
    int plane = size.plane();
    for (int c = 0; c < size.channels(); c++) {
      for (int i = 0; i < plane; i++) {
        float gradient = dWarped[c * plane + i];
        int from = c * plane + at[i];
        float upper = gradient * (1 - alongY[i]);
        float lower = gradient * alongY[i];
        dx[from] += upper * (1 - alongX[i]);
        dx[from + right[i]] += upper * alongX[i];
        dx[from + below[i]] += lower * (1 - alongX[i]);
        dx[from + below[i] + right[i]] += lower * alongX[i];
      }
    }
  }

  @Override
  public void learn(float[] parameters, float[] drawn, float[] x, float[] dy, double[] learned) {
    warp(parameters, drawn, x);
    learnColors(dy);
    backwardColors(dy);
    learnWarp(x);
    for (int i = 0; i < changes.size(); i++) {
      learned[i] += slopes.get(changes.get(i)) * drawn[i];
    }
  }

  private float of(Change change) {
    return by.getOrDefault(change, 0f);
  }

  /** The map from places of the output, measured from its middle, to those of the input. */
  private record Affine(double xx, double xy, double yx, double yy) {
    double x(double u, double v) {
      return xx * u + xy * v;
    }

    double y(double u, double v) {
      return yx * u + yy * v;
    }
  }

  /** Shears, then turns, then scales. */
  private Affine affine() {
    double scale = Math.exp(-of(Change.ZOOM));
    double cos = scale * Math.cos(of(Change.ROTATION));
    double sin = scale * Math.sin(of(Change.ROTATION));
    double shear = of(Change.SHEAR);
    return new Affine(cos, cos * shear - sin, sin, sin * shear + cos);
  }

  /** From the middle to a column. */
  private double u(int column) {
    return column - (size.width() - 1) / 2.0;
  }

  /** From the middle to a row. */
  private double v(int row) {
    return row - (size.height() - 1) / 2.0;
  }

  private void warp(float[] parameters, float[] drawn, float[] x) {
    for (int i = 0; i < changes.size(); i++) {
      by.put(changes.get(i), parameters[i] * drawn[i]);
    }
    var map = affine();
    double middleX = (size.width() - 1) / 2.0 + of(Change.SHIFT_X) * size.width();
    double middleY = (size.height() - 1) / 2.0 + of(Change.SHIFT_Y) * size.height();
    int pixel = 0;
    for (int row = 0; row < size.height(); row++) {
      for (int column = 0; column < size.width(); column++) {
        double u = u(column);
        double v = v(row);
        place(pixel, map.x(u, v) + middleX, map.y(u, v) + middleY);
        pixel++;
      }
    }
    sample(x);
  }

  /** Beyond the border there is no neighbour, and so no slope. */
  private void place(int pixel, double x, double y) {
    double inX = Math.max(0, Math.min(size.width() - 1, x));
    double inY = Math.max(0, Math.min(size.height() - 1, y));
    int column = (int) inX;
    int row = (int) inY;
    at[pixel] = row * size.width() + column;
    right[pixel] = x >= 0 && column < size.width() - 1 ? 1 : 0;
    below[pixel] = y >= 0 && row < size.height() - 1 ? size.width() : 0;
    alongX[pixel] = (float) (inX - column);
    alongY[pixel] = (float) (inY - row);
  }

  private void sample(float... x) {
    int plane = size.plane();
    Arrays.fill(grays, 0);
    for (int c = 0; c < size.channels(); c++) {
      for (int i = 0; i < plane; i++) {
        int from = c * plane + at[i];
        float upper = x[from] + alongX[i] * (x[from + right[i]] - x[from]);
        float left = x[from + below[i]];
        float lower = left + alongX[i] * (x[from + below[i] + right[i]] - left);
        warped[c * plane + i] = upper + alongY[i] * (lower - upper);
      }
      Lines.addMultiple(grays, 0, gray[c], warped, c * plane, plane);
    }
  }

  private float meanGray() {
    return (float) (Lines.sum(grays, 0, size.plane()) / size.plane());
  }

  /** From the gradient of the output to that of the warped image. */
  private void backwardColors(float... dy) {
    int plane = size.plane();
    float saturation = of(Change.SATURATION);
    float contrast = 1 + of(Change.CONTRAST);
    float mean = (float) ((1 - contrast) * Lines.sum(dy, 0, size.length()) / plane);
    Arrays.fill(dGrays, mean);
    for (int c = 0; c < size.channels(); c++) {
      Lines.addMultiple(dGrays, 0, -saturation * contrast, dy, c * plane, plane);
    }
    for (int c = 0; c < size.channels(); c++) {
      for (int i = 0; i < plane; i++) {
        dWarped[c * plane + i] =
            (1 + saturation) * contrast * dy[c * plane + i] + gray[c] * dGrays[i];
      }
    }
  }

  private void learnColors(float... dy) {
    int plane = size.plane();
    double factor = 1 + of(Change.SATURATION);
    double contrast = 1 + of(Change.CONTRAST);
    double all = Lines.sum(dy, 0, size.length());
    double colorful = 0;
    double bright = 0;
    for (int c = 0; c < size.channels(); c++) {
      double product = Lines.dot(dy, c * plane, grays, 0, plane);
      colorful += Lines.dot(dy, c * plane, warped, c * plane, plane) - product;
      bright += product;
    }
    slopes.put(Change.BRIGHTNESS, all);
    slopes.put(Change.CONTRAST, bright + factor * colorful - all * meanGray());
    slopes.put(Change.SATURATION, contrast * colorful);
  }

  private void learnWarp(float... x) {
    addSlopes(x);
    var map = affine();
    double turn = 0;
    double zoom = 0;
    double shear = 0;
    int pixel = 0;
    for (int row = 0; row < size.height(); row++) {
      double v = v(row);
      for (int column = 0; column < size.width(); column++) {
        double u = u(column);
        double toX = map.x(u, v);
        double toY = map.y(u, v);
        turn += slopeY[pixel] * toX - slopeX[pixel] * toY;
        zoom -= slopeX[pixel] * toX + slopeY[pixel] * toY;
        shear += (slopeX[pixel] * map.xx + slopeY[pixel] * map.yx) * v;
        pixel++;
      }
    }
    slopes.put(Change.ROTATION, turn);
    slopes.put(Change.ZOOM, zoom);
    slopes.put(Change.SHEAR, shear);
    slopes.put(Change.SHIFT_X, Lines.sum(slopeX, 0, pixel) * size.width());
    slopes.put(Change.SHIFT_Y, Lines.sum(slopeY, 0, pixel) * size.height());
  }

  /** What moving the place of each pixel to the right, or down, does to the loss. */
  private void addSlopes(float... x) {
    Arrays.fill(slopeX, 0);
    Arrays.fill(slopeY, 0);
    int plane = size.plane();
    for (int c = 0; c < size.channels(); c++) {
      for (int i = 0; i < plane; i++) {
        int from = c * plane + at[i];
        float first = x[from];
        float second = x[from + right[i]];
        float third = x[from + below[i]];
        float upper = second - first;
        float left = third - first;
        float both = x[from + below[i] + right[i]] - second - left;
        float gradient = dWarped[c * plane + i];
        slopeX[i] += gradient * (upper + alongY[i] * both);
        slopeY[i] += gradient * (left + alongX[i] * both);
      }
    }
  }
}
