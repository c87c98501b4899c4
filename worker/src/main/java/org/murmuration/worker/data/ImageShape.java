package org.murmuration.worker.data;

import java.io.Serializable;

/**
 * The shape of one image of unsigned bytes, stored channel by channel, each row-major.
 *
 * @param channels planes of the image: 3 for RGB, 1 for grey
 * @param height rows, in pixels
 * @param width columns, in pixels
 */
public record ImageShape(int channels, int height, int width) implements Serializable {

  /**
   * Checks the sides.
   *
   * @throws IllegalArgumentException when a side is below 1 or the image exceeds 2 GiB
   */
  public ImageShape {
    if (channels < 1 || height < 1 || width < 1 || product(channels, height, width) < 0) {
      throw new IllegalArgumentException(
          "image shape channels x height x width = %d x %d x %d: every side must be at least 1, and the product below 2^31"
              .formatted(channels, height, width));
    }
  }

  /** Bytes of one image: channels * height * width. */
  public int bytes() {
    return channels * height * width;
  }

  /** The product, or -1 when it does not fit an int; the sides are positive. */
  private static int product(int channels, int height, int width) {
    long plane = (long) height * width;
    return plane > Integer.MAX_VALUE / channels ? -1 : (int) (channels * plane);
  }
}
