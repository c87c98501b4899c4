package org.murmuration.worker.data.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/** WebP (RFC 9649): a RIFF file whose first chunk is lossy, lossless, or says what follows. */
final class WebpHeader {
  private static final int RIFF_BYTES = 8;
  private static final int CHUNK = 12;
  private static final int DATA = 20;
  private static final int SIDE_BITS = 14;
  private static final int SIDE_MASK = (1 << SIDE_BITS) - 1;
  private static final int THREE_BYTES_MASK = 0xffffff;
  private static final int ALPHA_FLAG = 0x10;

  private WebpHeader() {}

  static ImageHeader read(ByteBuffer file) throws UndecodableImageException {
    file.order(ByteOrder.LITTLE_ENDIAN);
    long bytes = RIFF_BYTES + Integer.toUnsignedLong(file.getInt(4));
    if (bytes > file.limit()) {
      throw new UndecodableImageException(
          Reason.TRUNCATED,
          "it is a WebP that says it has %d bytes, and has %d".formatted(bytes, file.limit()));
    }
    var chunk = new byte[4];
    file.get(CHUNK, chunk);
    return switch (new String(chunk, ISO_8859_1)) {
      case "VP8 " ->
          ImageHeader.of(
              file.getShort(DATA + 6) & SIDE_MASK, file.getShort(DATA + 8) & SIDE_MASK, false);
      case "VP8L" -> lossless(file.getInt(DATA + 1));
      case "VP8X" ->
          ImageHeader.of(
              1 + (file.getInt(DATA + 4) & THREE_BYTES_MASK),
              1 + (file.getInt(DATA + 6) >>> Byte.SIZE),
              (file.get(DATA) & ALPHA_FLAG) != 0);
      default ->
          throw new UndecodableImageException(
              Reason.CORRUPT, "it is a WebP whose first chunk is none of VP8, VP8L, VP8X");
    };
  }

  private static ImageHeader lossless(int bits) throws UndecodableImageException {
    return ImageHeader.of(
        1 + (bits & SIDE_MASK),
        1 + ((bits >>> SIDE_BITS) & SIDE_MASK),
        ((bits >>> (2 * SIDE_BITS)) & 1) == 1);
  }
}
