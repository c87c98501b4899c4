package org.murmuration.worker.data.image;

import java.util.Objects;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * The pixels of an image outside the Java heap: 8 bits per sample, row by row, the channels of a
 * pixel side by side, in the order red, green, blue. Must be closed.
 */
public final class Raster implements AutoCloseable {
  private static final double MILD = 1.25;

  private final Mat pixels;

  /**
   * @param pixels 8 bits, 1 or 3 channels; {@link #close} releases it
   */
  Raster(Mat pixels) {
    this.pixels = pixels;
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
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "an image must be at least 1 x 1, not %d x %d".formatted(width, height));
    }
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

  /** Below that, the weights of a linear interpolation all but cover a new pixel, in less time. */
  private static boolean shrinks(int from, int to) {
    return from > MILD * to;
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

  /** Gives the memory back. */
  @Override
  public void close() {
    pixels.close();
  }
}
