package org.murmuration.worker.data.source;

import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.image.ImageDecoder;
import org.murmuration.worker.data.image.Raster;

/**
 * An image that is kept as its samples, of 8 bits.
 *
 * @param shape of 1 or 3 channels
 * @param bytes channel by channel, each row by row
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares images.
public record PixelImage(ImageShape shape, byte[] bytes) implements RawImage {

  @Override
  public Raster decode(ImageDecoder decoder, int needed) {
    try (var raster = Raster.ofPlanes(shape, bytes, 0)) {
      return raster.withChannels(decoder.channels());
    }
  }
}
