package org.murmuration.worker.data.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** GIF 87a and 89a: the logical screen follows the signature. */
final class GifHeader {
  private static final int WIDTH = 6;
  private static final int HEIGHT = 8;

  private GifHeader() {}

  static ImageHeader read(ByteBuffer file) throws UndecodableImageException {
    file.order(ByteOrder.LITTLE_ENDIAN);
    return ImageHeader.of(
        Short.toUnsignedInt(file.getShort(WIDTH)),
        Short.toUnsignedInt(file.getShort(HEIGHT)),
        true);
  }
}
