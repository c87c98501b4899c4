package org.murmuration.worker.data.source;

import org.bytedeco.opencv.global.opencv_core;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.image.UndecodableImageException;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/**
 * The struct of Spark's image source: rows of pixels, whose channels lie side by side, blue first.
 *
 * @param height rows
 * @param width columns
 * @param mode OpenCV's type of a pixel
 * @param data row by row
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares images.
record SparkImage(int height, int width, int mode, byte[] data) {
  private static final int COLOURS = 3;

  /**
   * The same channel by channel, red first.
   *
   * @throws UndecodableImageException when it is of another kind, or its size isn't that of its
   *     data
   */
  RawImage image() throws UndecodableImageException {
    int channels;
    if (mode == opencv_core.CV_8UC1) {
      channels = 1;
    } else if (mode == opencv_core.CV_8UC3) {
      channels = COLOURS;
    } else {
      throw new UndecodableImageException(
          Reason.UNSUPPORTED,
          "its pixels are of OpenCV's type %d; 0 (gray, 8 bits) and 16 (blue, green and red of 8 bits) are supported"
              .formatted(mode));
    }
    if (height < 1 || width < 1 || (long) height * width * channels != data.length) {
      throw new UndecodableImageException(
          Reason.CORRUPT,
          "it has %d bytes for %d x %d pixels of %d channels"
              .formatted(data.length, width, height, channels));
    }
    var planes = new byte[data.length];
    int plane = height * width;
    for (int pixel = 0; pixel < plane; pixel++) {
      for (int channel = 0; channel < channels; channel++) {
        planes[(channels - 1 - channel) * plane + pixel] = data[pixel * channels + channel];
      }
    }
    return new PixelImage(new ImageShape(channels, height, width), planes);
  }
}
