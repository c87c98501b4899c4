package org.murmuration.worker.data;

import java.io.Serializable;

/**
 * The size of an image of bytes: planes of rows of pixels.
 *
 * @param channels planes, such as red, green and blue
 * @param height rows
 * @param width pixels in a row
 */
public record ImageShape(int channels, int height, int width) implements Serializable {

  /** One byte for every channel of every pixel. */
  public int bytes() {
    return channels * height * width;
  }
}
