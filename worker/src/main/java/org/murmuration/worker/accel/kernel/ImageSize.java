package org.murmuration.worker.accel.kernel;

/** Of an image. */
public record ImageSize(int channels, int height, int width) {

  /** Pixels of one channel. */
  public int plane() {
    return height * width;
  }

  /** Numbers in all channels. */
  public int length() {
    return channels * plane();
  }
}
