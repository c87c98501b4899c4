package org.murmuration.worker.data.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.OptionalInt;
import java.util.zip.CRC32;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/**
 * PNG (W3C, third edition): a signature and chunks of length, type, data and checksum. All chunks
 * are gone through, since one that claims more than is there keeps libpng busy for seconds.
 */
final class PngHeader {
  private static final int SIGNATURE_BYTES = 8;
  private static final int TYPE_BYTES = 4;

  /** From the start of a chunk: after its length, and after its type. */
  private static final int TYPE = 4;

  private static final int DATA = TYPE + TYPE_BYTES;

  /** Bytes of a chunk beside its data: length, type and checksum. */
  private static final int FRAME_BYTES = 12;

  private static final int HEADER_BYTES = 13;
  private static final int LOWER_CASE = 0x20;

  private static final int GRAY = 0;
  private static final int ALPHA_BIT = 4;
  private static final int BYTE_BITS = 8;
  private static final int BYTE_MAX = 255;

  private final ByteBuffer file;
  private ImageHeader header;
  private int depth;
  private int colour;

  private PngHeader(ByteBuffer file) {
    this.file = file;
  }

  static ImageHeader read(ByteBuffer file) throws UndecodableImageException {
    return new PngHeader(file).chunks();
  }

  private ImageHeader chunks() throws UndecodableImageException {
    int at = SIGNATURE_BYTES;
    while (file.limit() - at >= FRAME_BYTES) {
      long length = Integer.toUnsignedLong(file.getInt(at));
      var type = type(at);
      if (header == null) {
        requireHeader(type, length);
      }
      int left = file.limit() - at - FRAME_BYTES;
      if (length > left) {
        throw new UndecodableImageException(
            Reason.TRUNCATED,
            "it is a PNG whose chunk %s at byte %d says it has %d bytes, %d are left"
                .formatted(type, at, length, left));
      }
      requireChecksum(type, at, (int) length);
      switch (type) {
        case "IHDR" -> begin(at + DATA);
        case "tRNS" -> addTransparency(at + DATA);
        case "IEND" -> {
          return header;
        }
        default -> {}
      }
      at += FRAME_BYTES + (int) length;
    }
    throw new UndecodableImageException(
        Reason.TRUNCATED, "it is a PNG without its last chunk, IEND");
  }

  private String type(int at) {
    var type = new byte[TYPE_BYTES];
    file.get(at + TYPE, type);
    return new String(type, ISO_8859_1).replaceAll("[^A-Za-z]", "?");
  }

  private static void requireHeader(String type, long length) throws UndecodableImageException {
    if (!type.equals("IHDR") || length != HEADER_BYTES) {
      throw new UndecodableImageException(
          Reason.CORRUPT,
          "it is a PNG whose first chunk is %s of %d bytes; it must be IHDR of 13"
              .formatted(type, length));
    }
  }

  /** Of chunks without which nothing can be shown; they begin with a capital. */
  private void requireChecksum(String type, int at, int length) throws UndecodableImageException {
    if ((type.charAt(0) & LOWER_CASE) != 0) {
      return;
    }
    var checksum = new CRC32();
    checksum.update(file.slice(at + TYPE, TYPE_BYTES + length));
    if ((int) checksum.getValue() != file.getInt(at + DATA + length)) {
      throw new UndecodableImageException(
          Reason.CORRUPT,
          "it is a PNG whose chunk %s at byte %d has the wrong checksum".formatted(type, at));
    }
  }

  private void begin(int data) throws UndecodableImageException {
    depth = file.get(data + 8);
    colour = file.get(data + 9);
    header =
        ImageHeader.of(
            Integer.toUnsignedLong(file.getInt(data)),
            Integer.toUnsignedLong(file.getInt(data + 4)),
            (colour & ALPHA_BIT) != 0);
  }

  private void addTransparency(int data) {
    header = new ImageHeader(header.width(), header.height(), true, transparentGray(data));
  }

  /** A gray PNG names one value; of the others OpenCV makes an alpha channel. */
  private OptionalInt transparentGray(int data) {
    if (colour != GRAY) {
      return OptionalInt.empty();
    }
    int value = Short.toUnsignedInt(file.getShort(data));
    // Smaller samples are spread to a byte.
    return OptionalInt.of(depth < BYTE_BITS ? value * BYTE_MAX / ((1 << depth) - 1) : value);
  }
}
