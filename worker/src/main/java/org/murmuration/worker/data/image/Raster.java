package org.murmuration.worker.data.image;

import java.util.Objects;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;
import org.murmuration.worker.data.ImageShape;

/**
 * The pixels of an image outside the Java heap: 8 bits per sample, row by row, the channels of a
 * pixel side by side, in the order red, green, blue. Must be closed.
 */
public final class Raster implements AutoCloseable {
  private static final double MILD = 1.25;
  private static final int COLOURS = 3;
  private static final int BYTE_MAX = 255;

  private final Mat pixels;

  /**
   * @param pixels 8 bits, 1 or 3 channels; {@link #close} releases it
   */
  Raster(Mat pixels) {
    this.pixels = pixels;
  }

  /**
   * An image of samples that lie channel by channel, each row by row, from {@code offset} on.
   *
   * @param shape with 1 or 3 channels
   * @throws IllegalArgumentException when it has other channels
   * @throws IndexOutOfBoundsException when there are fewer samples
   */
  public static Raster ofPlanes(ImageShape shape, byte[] samples, int offset) {
    int channels = shape.channels();
    if (channels != 1 && channels != COLOURS) {
      throw new IllegalArgumentException("an image has 1 or 3 channels, not " + channels);
    }
    Objects.checkFromIndexSize(offset, shape.bytes(), samples.length);
    int plane = shape.height() * shape.width();
    var pixels = new Mat(shape.height(), shape.width(), opencv_core.CV_8UC(channels));
    try (var planes = new MatVector(channels)) {
      for (int channel = 0; channel < channels; channel++) {
        var one = new Mat(shape.height(), shape.width(), opencv_core.CV_8UC1);
        try (var data = new BytePointer(one.data())) {
          data.put(samples, offset + channel * plane, plane);
        }
        planes.put(channel, one);
        one.close();
      }
      opencv_core.merge(planes, pixels);
    }
    return new Raster(pixels);
  }

  /** For what else is done with the pixels; not to be closed. */
  Mat mat() {
    return pixels;
  }

  /** Columns. */
  public int width() {
    return pixels.cols();
  }

  /** Rows. */
  public int height() {
    return pixels.rows();
  }

  /** 3 for colour, 1 for gray. */
  public int channels() {
    return pixels.channels();
  }

  /**
   * The same picture with as many columns and rows. An axis that shrinks by more than a fifth takes
   * the mean of what a new pixel covers, so that nothing finer than that is left to alias; one that
   * shrinks less or grows is interpolated linearly between the centres of pixels.
   *
   * @throws IllegalArgumentException when a side is below 1
   */
  public Raster resized(int width, int height) {
    requireSides(width, height);
    // OpenCV takes means only when no axis grows, so what shrinks goes first.
    int narrow = shrinks(width(), width) ? width : width();
    int low = shrinks(height(), height) ? height : height();
    if (narrow == width() && low == height()) {
      return new Raster(resized(pixels, width, height, opencv_imgproc.INTER_LINEAR));
    }
    var shrunk = resized(pixels, narrow, low, opencv_imgproc.INTER_AREA);
    if (narrow == width && low == height) {
      return new Raster(shrunk);
    }
    try (shrunk) {
      return new Raster(resized(shrunk, width, height, opencv_imgproc.INTER_LINEAR));
    }
  }

  /**
   * The part of the picture from column {@code left} and row {@code top} on.
   *
   * @throws IllegalArgumentException when it is empty or reaches beyond the picture
   */
  public Raster cropped(int left, int top, int width, int height) {
    if (left < 0
        || top < 0
        || width < 1
        || height < 1
        || width > width() - left
        || height > height() - top) {
      throw new IllegalArgumentException(
          "%d x %d pixels from column %d and row %d on aren't a part of %d x %d"
              .formatted(width, height, left, top, width(), height()));
    }
    try (var part = new Rect(left, top, width, height);
        var view = new Mat(pixels, part)) {
      return new Raster(view.clone());
    }
  }

  /**
   * The picture with a border.
   *
   * @param level the value of every sample of the border, 0 to 255
   * @throws IllegalArgumentException when a number is negative, or the level above 255
   */
  public Raster padded(int left, int top, int right, int bottom, int level) {
    if (Math.min(Math.min(left, right), Math.min(top, bottom)) < 0
        || level < 0
        || level > BYTE_MAX) {
      throw new IllegalArgumentException(
          "borders of %d, %d, %d and %d pixels at level %d: none may be negative, the level at most %d"
              .formatted(left, top, right, bottom, level, BYTE_MAX));
    }
    var to = new Mat();
    try (var levels = new Scalar(level, level, level, level)) {
      opencv_core.copyMakeBorder(
          pixels, to, top, bottom, left, right, opencv_core.BORDER_CONSTANT, levels);
    }
    return new Raster(to);
  }

  /**
   * The picture with as many columns and rows, where each pixel is a copy of the nearest: for masks
   * of classes, between which nothing lies.
   *
   * @throws IllegalArgumentException when a side is below 1
   */
  public Raster resizedToNearest(int width, int height) {
    requireSides(width, height);
    return new Raster(resized(pixels, width, height, opencv_imgproc.INTER_NEAREST_EXACT));
  }

  /**
   * The picture in gray (by the luma of ITU-R BT.601), or gray in three equal channels.
   *
   * @param channels 1 or 3
   * @throws IllegalArgumentException when it is neither
   */
  public Raster withChannels(int channels) {
    if (channels != 1 && channels != COLOURS) {
      throw new IllegalArgumentException("an image has 1 or 3 channels, not " + channels);
    }
    if (channels == channels()) {
      return new Raster(pixels.clone());
    }
    var to = new Mat();
    opencv_imgproc.cvtColor(
        pixels, to, channels == 1 ? opencv_imgproc.COLOR_RGB2GRAY : opencv_imgproc.COLOR_GRAY2RGB);
    return new Raster(to);
  }

  /**
   * The picture in other colours.
   *
   * @param colors to convert to, from gray to gray, or from red, green and blue to others
   * @throws IllegalArgumentException when this has another number of channels
   */
  public Raster inColors(Colors colors) {
    if (colors.channels() != channels()) {
      throw new IllegalArgumentException(
          "an image of %d channels can't be converted to %s".formatted(channels(), colors));
    }
    if (colors.conversion().isEmpty()) {
      return new Raster(pixels.clone());
    }
    var to = new Mat();
    opencv_imgproc.cvtColor(pixels, to, colors.conversion().getAsInt());
    return new Raster(to);
  }

  /** Below that, the weights of a linear interpolation all but cover a new pixel, in less time. */
  private static boolean shrinks(int from, int to) {
    return from > MILD * to;
  }

  private static void requireSides(int width, int height) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "an image must be at least 1 x 1, not %d x %d".formatted(width, height));
    }
  }

  private static Mat resized(Mat from, int width, int height, int interpolation) {
    var to = new Mat();
    try (var size = new Size(width, height)) {
      opencv_imgproc.resize(from, to, size, 0, 0, interpolation);
    }
    return to;
  }

  /**
   * Copies the samples, channel by channel, each row by row: the layout of {@code ImageShape}.
   *
   * @throws IndexOutOfBoundsException when there is no room for them
   */
  public void copyPlanes(byte[] target, int offset) {
    int plane = width() * height();
    Objects.checkFromIndexSize(offset, plane * channels(), target.length);
    try (var planes = new MatVector()) {
      opencv_core.split(pixels, planes);
      for (int channel = 0; channel < channels(); channel++) {
        try (var one = planes.get(channel);
            var samples = new BytePointer(one.data())) {
          samples.get(target, offset + channel * plane, plane);
        }
      }
    }
  }

  /** The bytes of a PNG file of the picture. */
  public byte[] png() {
    try (var bgr = new Mat();
        var file = new BytePointer()) {
      opencv_imgproc.cvtColor(
          pixels,
          bgr,
          channels() == 1 ? opencv_imgproc.COLOR_GRAY2BGR : opencv_imgproc.COLOR_RGB2BGR);
      opencv_imgcodecs.imencode(".png", bgr, file);
      var bytes = new byte[(int) file.limit()];
      file.get(bytes);
      return bytes;
    }
  }

  /** Gives the memory back. */
  @Override
  public void close() {
    pixels.close();
  }
}
