package org.murmuration.worker.data.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/** TIFF 6.0: the first directory of fields. */
final class TiffHeader {
  private static final int ENTRY_BYTES = 12;
  private static final int VALUE = 8;
  private static final int WIDTH = 256;
  private static final int LENGTH = 257;
  private static final int PHOTOMETRIC = 262;
  private static final int EXTRA_SAMPLES = 338;
  private static final int SHORT = 3;
  private static final int FIRST_LAB = 8;
  private static final int LAST_LAB = 10;

  private TiffHeader() {}

  static ImageHeader read(ByteBuffer file) throws UndecodableImageException {
    file.order(file.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long directory = Integer.toUnsignedLong(file.getInt(4));
    if (directory > file.limit() - Short.BYTES) {
      throw new UndecodableImageException(
          Reason.TRUNCATED,
          "it is a TIFF whose first directory is at byte %d, and has %d bytes"
              .formatted(directory, file.limit()));
    }
    long width = 0;
    long height = 0;
    boolean alpha = false;
    int entries = Short.toUnsignedInt(file.getShort((int) directory));
    for (int i = 0; i < entries; i++) {
      int entry = (int) directory + Short.BYTES + i * ENTRY_BYTES;
      switch (Short.toUnsignedInt(file.getShort(entry))) {
        case WIDTH -> width = value(file, entry);
        case LENGTH -> height = value(file, entry);
        case PHOTOMETRIC -> requireColours(value(file, entry));
        case EXTRA_SAMPLES -> alpha = true;
        default -> {}
      }
    }
    return ImageHeader.of(width, height, alpha);
  }

  /** L*a*b* comes out of libtiff visibly brighter and more saturated than it is. */
  private static void requireColours(long photometric) throws UndecodableImageException {
    if (photometric >= FIRST_LAB && photometric <= LAST_LAB) {
      throw new UndecodableImageException(
          Reason.UNSUPPORTED, "it is a TIFF in L*a*b* colours; save it in RGB");
    }
  }

  private static long value(ByteBuffer file, int entry) {
    return file.getShort(entry + 2) == SHORT
        ? Short.toUnsignedInt(file.getShort(entry + VALUE))
        : Integer.toUnsignedLong(file.getInt(entry + VALUE));
  }
}
