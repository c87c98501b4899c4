package org.murmuration.worker.data.image;

import java.nio.ByteBuffer;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/** PBM, PGM and PPM of Netpbm, plain and raw: numbers in ASCII with comments between them. */
final class PnmHeader {
  private static final int DECIMAL = 10;
  private static final int MOST = 100_000_000;
  private static final int BYTE_MAX = 255;

  private final ByteBuffer file;
  private int at = 2;

  private PnmHeader(ByteBuffer file) {
    this.file = file;
  }

  static ImageHeader read(ByteBuffer file) throws UndecodableImageException {
    return new PnmHeader(file).read((char) file.get(1));
  }

  private ImageHeader read(char kind) throws UndecodableImageException {
    long width = number();
    long height = number();
    var header = ImageHeader.of(width, height, false);
    long rowBytes =
        switch (kind) {
          case '4' -> (width + Byte.SIZE - 1) / Byte.SIZE;
          case '5' -> width * bytes(number());
          case '6' -> 3 * width * bytes(number());
          // Digits: that there are enough is seen when they are read.
          default -> 0;
        };
    // One byte of white space follows the header.
    if (rowBytes > 0 && (file.limit() - at - 1) / rowBytes < height) {
      throw new UndecodableImageException(
          Reason.TRUNCATED,
          "it is a P%s of %d rows of %d bytes from byte %d on, and has %d bytes"
              .formatted(kind, height, rowBytes, at + 1, file.limit()));
    }
    return header;
  }

  private static int bytes(long most) {
    return most > BYTE_MAX ? Short.BYTES : Byte.BYTES;
  }

  private long number() throws UndecodableImageException {
    skipBlanks();
    long value = 0;
    int first = at;
    while (at < file.limit() && Character.isDigit(file.get(at)) && value < MOST) {
      value = value * DECIMAL + Character.digit(file.get(at), DECIMAL);
      at++;
    }
    if (at == first) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "it is a PNM with no number at byte %d of its header".formatted(at));
    }
    return value;
  }

  private void skipBlanks() {
    boolean comment = false;
    while (comment || Character.isWhitespace(file.get(at)) || file.get(at) == '#') {
      byte found = file.get(at++);
      comment = comment ? found != '\n' : found == '#';
    }
  }
}
