package org.murmuration.worker.model;

/**
 * The size of the images that a network reads, NCHW without the N.
 *
 * @param channels the number of channels, such as 3 for RGB
 * @param height rows, in pixels
 * @param width columns, in pixels
 */
public record InputShape(int channels, int height, int width) {

  /**
   * @throws IllegalArgumentException if a size is not positive
   */
  public InputShape {
    if (channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "an image needs at least one channel, row and column, but channels=%d height=%d width=%d"
              .formatted(channels, height, width));
    }
  }
}
