package org.murmuration.worker.data.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/** Windows bitmaps, from the 12 bytes of OS/2's header to version 5. */
final class BmpHeader {
  private static final int PIXELS_OFFSET = 10;
  private static final int INFO = 14;
  private static final int OLD_INFO_BYTES = 12;
  private static final int ROW_BITS = 32;

  private BmpHeader() {}

  static ImageHeader read(ByteBuffer file) throws UndecodableImageException {
    file.order(ByteOrder.LITTLE_ENDIAN);
    boolean old = file.getInt(INFO) == OLD_INFO_BYTES;
    long width = old ? Short.toUnsignedInt(file.getShort(INFO + 4)) : file.getInt(INFO + 4);
    // Rows may go from the top down, which a negative height says.
    long height =
        old ? Short.toUnsignedInt(file.getShort(INFO + 6)) : Math.abs((long) file.getInt(INFO + 8));
    int bits = Short.toUnsignedInt(file.getShort(INFO + (old ? 10 : 14)));
    int compression = old ? 0 : file.getInt(INFO + 16);
    var header = ImageHeader.of(width, height, false);
    if (compression == 0) {
      requirePixels(
          file, (width * bits + ROW_BITS - 1) / ROW_BITS * (ROW_BITS / Byte.SIZE), height);
    }
    return header;
  }

  private static void requirePixels(ByteBuffer file, long rowBytes, long height)
      throws UndecodableImageException {
    long offset = Integer.toUnsignedLong(file.getInt(PIXELS_OFFSET));
    // Divided, because the product of two large numbers may be a small one.
    if ((file.limit() - offset) / Math.max(1, rowBytes) < height) {
      throw new UndecodableImageException(
          Reason.TRUNCATED,
          "it is a BMP of %d rows of %d bytes from byte %d on, and has %d bytes"
              .formatted(height, rowBytes, offset, file.limit()));
    }
  }
}
