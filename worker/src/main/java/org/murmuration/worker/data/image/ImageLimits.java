package org.murmuration.worker.data.image;

import java.io.Serializable;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/**
 * What an image may take. It is held against what the file says of itself, before anything is
 * allocated: a few bytes may claim thousands of millions of pixels.
 *
 * @param bytes most bytes of the file
 * @param pixels most pixels, width times height
 * @param side most pixels in a row or a column
 */
public record ImageLimits(long bytes, long pixels, int side) implements Serializable {

  /** 256 MiB, 100 million pixels and JPEG's own limit of a side. */
  public static final ImageLimits DEFAULT = new ImageLimits(256L << 20, 100_000_000, 65_535);

  /**
   * Checks the limits themselves.
   *
   * @throws IllegalArgumentException when one is below 1
   */
  public ImageLimits {
    if (bytes < 1 || pixels < 1 || side < 1) {
      throw new IllegalArgumentException(
          "limits of an image: %d bytes, %d pixels, %d pixels a side; each must be at least 1"
              .formatted(bytes, pixels, side));
    }
  }

  /** Refuses a file of so many bytes, if they are too many. */
  public void requireBytes(long found) throws UndecodableImageException {
    if (found > bytes) {
      throw new UndecodableImageException(
          Reason.TOO_LARGE, "it has %d bytes, the limit is %d".formatted(found, bytes));
    }
  }

  void requireSize(int width, int height) throws UndecodableImageException {
    if (width > side || height > side) {
      throw new UndecodableImageException(
          Reason.TOO_LARGE,
          "it has %d x %d pixels, the limit of a side is %d".formatted(width, height, side));
    }
    if ((long) width * height > pixels) {
      throw new UndecodableImageException(
          Reason.TOO_LARGE,
          "it has %d x %d = %d pixels, the limit is %d"
              .formatted(width, height, (long) width * height, pixels));
    }
  }
}
