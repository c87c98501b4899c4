package org.murmuration.worker.data.image;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/** Pictures of the same size made of others, for augmentation. Values are rounded and clipped. */
public final class Distortions {
  private static final int LEVELS = 256;
  private static final int COLOURS = 3;

  private Distortions() {}

  /** Its mirror image: left and right, or else top and bottom, change places. */
  public static Raster flipped(Raster image, boolean leftAndRight) {
    var to = new Mat();
    opencv_core.flip(image.mat(), to, leftAndRight ? 1 : 0);
    return new Raster(to);
  }

  /**
   * The picture through an affine map.
   *
   * @param map from a pixel (x, y) of the result to where it comes from: (m0 x + m1 y + m2, m3 x +
   *     m4 y + m5)
   * @param level of what comes from beside the picture
   * @param nearest whether the nearest pixel is taken, for masks, or four are interpolated
   */
  public static Raster warped(Raster image, double[] map, int level, boolean nearest) {
    var to = new Mat();
    int interpolation = nearest ? opencv_imgproc.INTER_NEAREST : opencv_imgproc.INTER_LINEAR;
    try (var numbers = new DoublePointer(map);
        var matrix = new Mat(2, 3, opencv_core.CV_64F, numbers);
        var size = new Size(image.width(), image.height());
        var border = new Scalar(level, level, level, level)) {
      opencv_imgproc.warpAffine(
          image.mat(),
          to,
          matrix,
          size,
          interpolation | opencv_imgproc.WARP_INVERSE_MAP,
          opencv_core.BORDER_CONSTANT,
          border);
    }
    return new Raster(to);
  }

  /**
   * Each level replaced by what a table has for it.
   *
   * @param tables of 256 levels, one for each channel or one for all
   */
  public static Raster mapped(Raster image, byte[]... tables) {
    var to = new Mat();
    int channels = tables.length;
    try (var table = new Mat(1, LEVELS, opencv_core.CV_8UC(channels))) {
      var interleaved = new byte[LEVELS * channels];
      for (int level = 0; level < LEVELS; level++) {
        for (int channel = 0; channel < channels; channel++) {
          interleaved[level * channels + channel] = tables[channel][level];
        }
      }
      table.data().put(interleaved, 0, interleaved.length);
      opencv_core.LUT(image.mat(), table, to);
    }
    return new Raster(to);
  }

  /**
   * Each channel replaced by a weighted sum of all.
   *
   * @param weights a row for each channel of the result
   */
  public static Raster mixed(Raster image, double[] weights) {
    var to = new Mat();
    try (var numbers = new DoublePointer(weights);
        var matrix = new Mat(COLOURS, COLOURS, opencv_core.CV_64F, numbers)) {
      opencv_core.transform(image.mat(), to, matrix);
    }
    return new Raster(to);
  }

  /**
   * The hues of a picture in red, green and blue turned.
   *
   * @param turns by so many full turns
   */
  public static Raster hueTurned(Raster image, double turns) {
    var to = new Mat();
    int shift = (int) Math.round(turns * LEVELS);
    var hues = new byte[LEVELS];
    var same = new byte[LEVELS];
    for (int level = 0; level < LEVELS; level++) {
      hues[level] = (byte) (level + shift);
      same[level] = (byte) level;
    }
    var hsv = new Mat();
    opencv_imgproc.cvtColor(image.mat(), hsv, opencv_imgproc.COLOR_RGB2HSV_FULL);
    try (var inHsv = new Raster(hsv);
        var turned = mapped(inHsv, hues, same, same)) {
      opencv_imgproc.cvtColor(turned.mat(), to, opencv_imgproc.COLOR_HSV2RGB_FULL);
    }
    return new Raster(to);
  }

  /** {@code (1 - weight) * a + weight * b}; the weight may lie beyond 0 and 1. */
  public static Raster blended(Raster a, Raster b, double weight) {
    var to = new Mat();
    opencv_core.addWeighted(a.mat(), 1 - weight, b.mat(), weight, 0, to);
    return new Raster(to);
  }

  /** The mean of 3 x 3 pixels around each, the pixel itself five times: Pillow's smoothing. */
  public static Raster smoothed(Raster image) {
    var to = new Mat();
    var weights = new double[] {1, 1, 1, 1, 5, 1, 1, 1, 1};
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= 13;
    }
    try (var numbers = new DoublePointer(weights);
        var kernel = new Mat(COLOURS, COLOURS, opencv_core.CV_64F, numbers)) {
      opencv_imgproc.filter2D(image.mat(), to, -1, kernel);
    }
    return new Raster(to);
  }

  /** The picture with a rectangle of one level; what sticks out of the picture is left out. */
  public static Raster filled(Raster image, int left, int top, int width, int height, int level) {
    var to = image.mat().clone();
    int right = Math.min(left + width, image.width());
    int bottom = Math.min(top + height, image.height());
    int x = Math.max(left, 0);
    int y = Math.max(top, 0);
    if (x < right && y < bottom) {
      try (var place = new Rect(x, y, right - x, bottom - y);
          var part = new Mat(to, place);
          var levels = new Scalar(level, level, level, level)) {
        part.put(levels);
      }
    }
    return new Raster(to);
  }

  /**
   * How often each level occurs.
   *
   * @return for each channel the counts of its 256 levels
   */
  public static int[][] histograms(Raster image) {
    int channels = image.channels();
    int plane = image.width() * image.height();
    var samples = new byte[plane * channels];
    image.copyPlanes(samples, 0);
    var counts = new int[channels][LEVELS];
    for (int i = 0; i < samples.length; i++) {
      counts[i / plane][Byte.toUnsignedInt(samples[i])]++;
    }
    return counts;
  }
}
