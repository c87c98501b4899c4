package org.murmuration.worker.data.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.regex.Pattern;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/** The formats of image files, told by their first bytes; names of files say nothing. */
enum ImageFormat {
  JPEG("\\xff\\xd8"),
  PNG("\\x89PNG\\r\\n\\x1a\\n"),
  GIF("GIF8[79]a"),
  WEBP("RIFF....WEBP"),
  TIFF("II\\*\\x00|MM\\x00\\*"),
  BMP("BM"),
  PNM("P[1-6]\\s");

  private static final int LONGEST_MAGIC = 12;

  private final Pattern magic;

  ImageFormat(String magic) {
    this.magic = Pattern.compile(magic, Pattern.DOTALL);
  }

  /**
   * The format of a file.
   *
   * @throws UndecodableImageException when it is none of these
   */
  static ImageFormat of(byte[] encoded) throws UndecodableImageException {
    var start = new String(encoded, 0, Math.min(LONGEST_MAGIC, encoded.length), ISO_8859_1);
    for (var format : values()) {
      if (format.magic.matcher(start).lookingAt()) {
        return format;
      }
    }
    throw new UndecodableImageException(
        Reason.UNKNOWN_FORMAT,
        encoded.length == 0
            ? "it is empty"
            : "its first bytes are none of JPEG, PNG, GIF, WebP, TIFF, BMP, PBM, PGM, PPM");
  }

  /** Whether OpenCV can decode it at a fraction of its size for a fraction of the time. */
  boolean isReducible() {
    return this == JPEG;
  }

  /**
   * Reads as little of a file of this format as shows what it says of itself.
   *
   * @throws UndecodableImageException when the file can't be decoded, or it is cut short and the
   *     format shows it
   */
  ImageHeader header(byte[] encoded) throws UndecodableImageException {
    try {
      return header(ByteBuffer.wrap(encoded));
    } catch (IndexOutOfBoundsException e) {
      throw new UndecodableImageException(
          Reason.TRUNCATED,
          "it is a %s that ends in its header, after %d bytes".formatted(this, encoded.length),
          e);
    }
  }

  private ImageHeader header(ByteBuffer file) throws UndecodableImageException {
    return switch (this) {
      case JPEG -> JpegHeader.read(file);
      case PNG -> PngHeader.read(file);
      case GIF -> GifHeader.read(file);
      case WEBP -> WebpHeader.read(file);
      case TIFF -> TiffHeader.read(file);
      case BMP -> BmpHeader.read(file);
      case PNM -> PnmHeader.read(file);
    };
  }
}
