package org.murmuration.worker.data.image;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/**
 * Decodes JPEG, PNG, GIF, WebP, TIFF, BMP, PBM, PGM and PPM with OpenCV: the first frame, turned as
 * its EXIF orientation says, in 8 bits per sample, on a background where it is transparent. Colour
 * profiles are not applied.
 *
 * <p>Any number of threads may decode at once; each image is decoded by the thread that asks.
 */
public final class ImageDecoder {

  /** How many times larger than the target a JPEG decoded at reduced size must still be. */
  private static final int HEADROOM = 2;

  private static final int MOST_REDUCTION = 8;
  private static final int BYTE_MAX = 255;

  private final ImageLimits limits;
  private final int channels;
  private final Flattener flattener;

  /**
   * Loads OpenCV's native library.
   *
   * @param channels 3 for colour, 1 for gray
   * @param background what transparent pixels lie on, from black, 0, to white, 255
   * @throws IllegalArgumentException when a number is none of these
   */
  public ImageDecoder(ImageLimits limits, int channels, int background) {
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException("an image has 1 or 3 channels, not " + channels);
    }
    if (background < 0 || background > BYTE_MAX) {
      throw new IllegalArgumentException(
          "a background goes from 0 to %d, not %d".formatted(BYTE_MAX, background));
    }
    this.limits = limits;
    this.channels = channels;
    this.flattener = new Flattener(channels, background);
    // Its own threads would fight with the ranks' for the cores.
    opencv_core.setNumThreads(1);
  }

  /** Of the images that this makes: 3 for colour, 1 for gray. */
  public int channels() {
    return channels;
  }

  /**
   * The whole image.
   *
   * @param encoded the bytes of the file
   * @throws UndecodableImageException when it is beyond the limits, cut short, or nothing that this
   *     decodes
   */
  public Raster decode(byte[] encoded) throws UndecodableImageException {
    return decode(encoded, Integer.MAX_VALUE / HEADROOM);
  }

  /**
   * The image for a purpose that needs no more than some size. A JPEG that is much larger is
   * decoded at a half, a quarter or an eighth of its size, which takes less time.
   *
   * @param encoded the bytes of the file
   * @param needed pixels of the longer side that the caller will resize to
   * @return the image, whose shorter side is at least twice that, or as it is
   * @throws UndecodableImageException as {@link #decode(byte[])} does
   * @throws IllegalArgumentException when nothing is needed
   */
  public Raster decode(byte[] encoded, int needed) throws UndecodableImageException {
    if (needed < 1) {
      throw new IllegalArgumentException("at least 1 pixel must be needed, not " + needed);
    }
    limits.requireBytes(encoded.length);
    var format = ImageFormat.of(encoded);
    var header = format.header(encoded);
    limits.requireSize(header.width(), header.height());
    var decoded =
        decoded(encoded, flags(header) | (format.isReducible() ? reduction(header, needed) : 0));
    try {
      flattener.flatten(decoded, header);
      return new Raster(decoded);
    } catch (UndecodableImageException | RuntimeException e) {
      decoded.close();
      throw e;
    }
  }

  /**
   * The levels of a gray image as they are stored, for masks of classes.
   *
   * @throws UndecodableImageException as {@link #decode(byte[])} does, and when the image is in
   *     colour, is not of 8 bits, or is a JPEG, which changes levels
   */
  public Raster decodeLevels(byte[] encoded) throws UndecodableImageException {
    limits.requireBytes(encoded.length);
    var format = ImageFormat.of(encoded);
    var header = format.header(encoded);
    limits.requireSize(header.width(), header.height());
    if (format.isReducible()) {
      throw new UndecodableImageException(
          Reason.UNSUPPORTED, "a mask of classes can't be a JPEG, which changes levels; use PNG");
    }
    var decoded = decoded(encoded, opencv_imgcodecs.IMREAD_UNCHANGED);
    if (decoded.type() != opencv_core.CV_8UC1) {
      decoded.close();
      throw new UndecodableImageException(
          Reason.UNSUPPORTED,
          "a mask of classes must be gray with 8 bits, its levels the classes; this has colours or a palette");
    }
    return new Raster(decoded);
  }

  private int flags(ImageHeader header) {
    if (header.mayBeTransparent()) {
      return opencv_imgcodecs.IMREAD_UNCHANGED;
    }
    int colour =
        channels == 1 ? opencv_imgcodecs.IMREAD_GRAYSCALE : opencv_imgcodecs.IMREAD_COLOR_RGB;
    return colour | opencv_imgcodecs.IMREAD_ANYDEPTH;
  }

  /** The flag for decoding at a fraction of the size, or 0. */
  private static int reduction(ImageHeader header, int needed) {
    int times = Math.min(header.width(), header.height()) / (HEADROOM * needed);
    return switch (Integer.highestOneBit(Math.min(times, MOST_REDUCTION))) {
      case 8 -> opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_8;
      case 4 -> opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_4;
      case 2 -> opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_2;
      default -> 0;
    };
  }

  private static Mat decoded(byte[] encoded, int flags) throws UndecodableImageException {
    Mat decoded;
    try (var bytes = new BytePointer(encoded);
        var input = new Mat(1, encoded.length, opencv_core.CV_8UC1, bytes)) {
      decoded = opencv_imgcodecs.imdecode(input, flags);
    } catch (RuntimeException e) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "it is refused by OpenCV: " + e.getMessage(), e);
    }
    if (decoded.empty()) {
      decoded.close();
      throw new UndecodableImageException(
          Reason.CORRUPT, "it can't be decoded; its compressed data is damaged or of a rare kind");
    }
    return decoded;
  }
}
