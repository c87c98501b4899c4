package org.murmuration.worker.data.image;

import java.util.OptionalInt;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/**
 * What an image file says of itself.
 *
 * @param width in pixels as stored, before any orientation is applied
 * @param height in pixels as stored
 * @param mayBeTransparent whether pixels may be transparent
 * @param transparentGray the gray value that stands for a transparent pixel, in a PNG without alpha
 */
record ImageHeader(int width, int height, boolean mayBeTransparent, OptionalInt transparentGray) {

  /** Of an image that is opaque everywhere, unless it is said to be transparent. */
  static ImageHeader of(long width, long height, boolean mayBeTransparent)
      throws UndecodableImageException {
    if (width < 1 || height < 1 || width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "it says it has %d x %d pixels".formatted(width, height));
    }
    return new ImageHeader((int) width, (int) height, mayBeTransparent, OptionalInt.empty());
  }
}
