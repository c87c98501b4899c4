package org.murmuration.worker.data.image;

import java.nio.ByteBuffer;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/**
 * JPEG (ITU-T T.81, annex B): segments that begin with a marker, among them one frame header, up to
 * the first scan.
 */
final class JpegHeader {
  private static final int MARKER = 0xff;
  private static final int TEMPORARY = 0x01;
  private static final int FIRST_RESTART = 0xd0;
  private static final int LAST_RESTART = 0xd7;
  private static final int START_OF_IMAGE = 0xd8;
  private static final int END_OF_IMAGE = 0xd9;
  private static final int START_OF_SCAN = 0xda;

  private static final int FIRST_FRAME = 0xc0;
  private static final int LAST_FRAME = 0xcf;
  private static final int BITS = 8;

  private JpegHeader() {}

  static ImageHeader read(ByteBuffer file) throws UndecodableImageException {
    int at = 2;
    while (true) {
      at = nextMarker(file, at);
      int marker = unsigned(file, at + 1);
      at += 2;
      if (isFrame(marker)) {
        requireSupported(marker, unsigned(file, at + 2));
        requireEnd(file, at);
        return ImageHeader.of(
            Short.toUnsignedInt(file.getShort(at + 5)),
            Short.toUnsignedInt(file.getShort(at + 3)),
            false);
      }
      if (marker == START_OF_SCAN || marker == END_OF_IMAGE) {
        throw new UndecodableImageException(
            Reason.CORRUPT, "it is a JPEG without a frame header (SOF) before its first scan");
      }
      if (!standsAlone(marker)) {
        at += Short.toUnsignedInt(file.getShort(at));
      }
    }
  }

  /** Decoders skip what is no marker between segments, and so do we. */
  private static int nextMarker(ByteBuffer file, int from) {
    int at = from;
    while (unsigned(file, at) != MARKER || !isCode(unsigned(file, at + 1))) {
      at++;
    }
    return at;
  }

  private static boolean isCode(int next) {
    return next != 0 && next != MARKER;
  }

  private static boolean standsAlone(int marker) {
    return marker == TEMPORARY
        || marker == START_OF_IMAGE
        || (marker >= FIRST_RESTART && marker <= LAST_RESTART);
  }

  private static boolean isFrame(int marker) {
    return switch (marker) {
      // Huffman tables, an extension, and conditions of arithmetic coding.
      case 0xc4, 0xc8, 0xcc -> false;
      default -> marker >= FIRST_FRAME && marker <= LAST_FRAME;
    };
  }

  private static void requireSupported(int frame, int bits) throws UndecodableImageException {
    var process =
        switch (frame) {
          // Baseline, extended sequential and progressive; the last two with arithmetic coding.
          case 0xc0, 0xc1, 0xc2, 0xc9, 0xca -> "";
          case 0xc3, 0xcb -> "lossless";
          default -> "hierarchical";
        };
    if (!process.isEmpty()) {
      throw new UndecodableImageException(
          Reason.UNSUPPORTED,
          "it is a %s JPEG (SOF%d); save it as a usual one"
              .formatted(process, frame - FIRST_FRAME));
    }
    if (bits != BITS) {
      throw new UndecodableImageException(
          Reason.UNSUPPORTED, "it is a JPEG of %d bits per sample; save it with 8".formatted(bits));
    }
  }

  /**
   * Requires an end mark behind the frame header. Compressed data has no such pair of bytes, so the
   * last one is looked for, which is at the very end almost always.
   */
  private static void requireEnd(ByteBuffer file, int from) throws UndecodableImageException {
    for (int at = file.limit() - 2; at > from; at--) {
      if (unsigned(file, at + 1) == END_OF_IMAGE && unsigned(file, at) == MARKER) {
        return;
      }
    }
    throw new UndecodableImageException(
        Reason.TRUNCATED,
        "it is a JPEG without an end mark (EOI): its last rows are missing or gray");
  }

  private static int unsigned(ByteBuffer file, int at) {
    return Byte.toUnsignedInt(file.get(at));
  }
}
