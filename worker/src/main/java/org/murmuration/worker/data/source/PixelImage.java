package org.murmuration.worker.data.source;

import java.util.Optional;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.image.ImageDecoder;
import org.murmuration.worker.data.image.Raster;
import org.murmuration.worker.data.image.UndecodableImageException;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/**
 * An image that is kept as its samples, of 8 bits.
 *
 * @param shape of 1 or 3 channels
 * @param bytes channel by channel, each row by row
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares images.
public record PixelImage(ImageShape shape, byte[] bytes) implements RawImage {

  @Override
  public byte[] file() {
    try (var raster = Raster.ofPlanes(shape, bytes, 0)) {
      return raster.png();
    }
  }

  @Override
  public Optional<byte[]> planes(ImageShape wanted) {
    return shape.equals(wanted) ? Optional.of(bytes) : Optional.empty();
  }

  @Override
  public Raster decode(ImageDecoder decoder, int needed) {
    try (var raster = Raster.ofPlanes(shape, bytes, 0)) {
      return raster.withChannels(decoder.channels());
    }
  }

  @Override
  public Raster decodeLevels(ImageDecoder decoder) throws UndecodableImageException {
    if (shape.channels() != 1) {
      throw new UndecodableImageException(
          Reason.UNSUPPORTED, "a mask of classes must be gray, this has colours");
    }
    return Raster.ofPlanes(shape, bytes, 0);
  }
}
