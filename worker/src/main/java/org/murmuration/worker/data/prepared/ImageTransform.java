package org.murmuration.worker.data.prepared;

import java.io.Serializable;
import java.util.Optional;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.image.Colors;
import org.murmuration.worker.data.image.ImageDecoder;
import org.murmuration.worker.data.image.ImageLimits;
import org.murmuration.worker.data.image.Raster;
import org.murmuration.worker.data.image.UndecodableImageException;
import org.murmuration.worker.data.source.RawImage;

/**
 * From an image as its source keeps it to one of the size and the colours that a network takes. The
 * same for preprocessing, training and whatever serves the network.
 *
 * <p>Resizing takes means where an axis shrinks and interpolates linearly where it grows, as {@link
 * Raster#resized} says; masks take the nearest pixel.
 *
 * @param width columns of the result, in pixels
 * @param height rows of the result
 * @param colors channels of the result
 * @param fit what is done where the proportion differs
 * @param background the level, 0 to 255, of what lies beside the image and under transparent pixels
 * @param limits what no image may exceed
 */
public record ImageTransform(
    int width, int height, Colors colors, Fit fit, int background, ImageLimits limits)
    implements Serializable {

  /** The shape of every result. */
  public ImageShape shape() {
    return new ImageShape(colors.channels(), height, width);
  }

  /** The same for images that are in its colours already. */
  public ImageTransform ofConverted() {
    var decoded = colors.channels() == 1 ? Colors.GRAY : Colors.RGB;
    return new ImageTransform(width, height, decoded, fit, background, limits);
  }

  /** A decoder for these images; it serves any number of threads. */
  public ImageDecoder decoder() {
    return new ImageDecoder(limits, colors.channels(), background);
  }

  /**
   * Decodes and transforms an image.
   *
   * @param decoder of {@link #decoder}
   * @throws UndecodableImageException when it can't be decoded
   */
  public Raster image(RawImage image, ImageDecoder decoder) throws UndecodableImageException {
    try (var decoded = image.decode(decoder, Math.max(width, height));
        var fitted = fitted(decoded, Raster::resized, background)) {
      return fitted.inColors(colors);
    }
  }

  /**
   * Decodes and transforms an image, and gives its samples, channel by channel.
   *
   * @param decoder of {@link #decoder}
   * @return not to be changed: it may be the image's own
   * @throws UndecodableImageException when it can't be decoded
   */
  public byte[] planes(RawImage image, ImageDecoder decoder) throws UndecodableImageException {
    var shape = shape();
    var ready = colors.isDecoded() ? image.planes(shape) : Optional.<byte[]>empty();
    if (ready.isPresent()) {
      return ready.get();
    }
    var planes = new byte[shape.bytes()];
    try (var raster = image(image, decoder)) {
      raster.copyPlanes(planes, 0);
    }
    return planes;
  }

  /**
   * Decodes an image and leaves it as large as it is, in red, green and blue or in gray.
   *
   * @throws UndecodableImageException when it can't be decoded
   */
  public Raster original(RawImage image, ImageDecoder decoder) throws UndecodableImageException {
    return image.decode(decoder, Math.max(width, height));
  }

  /**
   * Decodes and transforms the mask of an image: what lies beside the image is {@code ignore}.
   *
   * @param ignore the level, 0 to 255, that means no class
   * @throws UndecodableImageException when it can't be decoded, or isn't gray
   */
  public Raster mask(RawImage mask, ImageDecoder decoder, int ignore)
      throws UndecodableImageException {
    try (var decoded = mask.decodeLevels(decoder)) {
      return fitted(decoded, Raster::resizedToNearest, ignore);
    }
  }

  /**
   * The picture as it is fitted, still in red, green and blue or gray.
   *
   * @param level of what is added beside the image
   */
  private Raster fitted(Raster image, Resizing resizing, int level) {
    if ((image.width() == width && image.height() == height) || fit == Fit.STRETCH) {
      return resizing.resize(image, width, height);
    }
    double byWidth = (double) width / image.width();
    double byHeight = (double) height / image.height();
    double scale = fit == Fit.CROP ? Math.max(byWidth, byHeight) : Math.min(byWidth, byHeight);
    int columns = side(image.width() * scale);
    int rows = side(image.height() * scale);
    try (var resized = resizing.resize(image, columns, rows)) {
      return fit == Fit.CROP ? cropped(resized) : padded(resized, level);
    }
  }

  private Raster cropped(Raster image) {
    return image.cropped((image.width() - width) / 2, (image.height() - height) / 2, width, height);
  }

  private Raster padded(Raster image, int level) {
    int left = (width - image.width()) / 2;
    int top = (height - image.height()) / 2;
    return image.padded(
        left, top, width - image.width() - left, height - image.height() - top, level);
  }

  private static int side(double exact) {
    return Math.max(1, (int) Math.round(exact));
  }

  /** A way to resize. */
  private interface Resizing {
    Raster resize(Raster image, int width, int height);
  }
}
