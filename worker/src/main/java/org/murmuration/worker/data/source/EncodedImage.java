package org.murmuration.worker.data.source;

import java.util.Optional;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.image.ImageDecoder;
import org.murmuration.worker.data.image.Raster;
import org.murmuration.worker.data.image.UndecodableImageException;

/**
 * An image file: JPEG, PNG and so on.
 *
 * @param bytes of the file
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares images.
public record EncodedImage(byte[] bytes) implements RawImage {

  @Override
  public byte[] file() {
    return bytes;
  }

  @Override
  public Optional<byte[]> planes(ImageShape shape) {
    return Optional.empty();
  }

  @Override
  public Raster decode(ImageDecoder decoder, int needed) throws UndecodableImageException {
    return decoder.decode(bytes, needed);
  }

  @Override
  public Raster decodeLevels(ImageDecoder decoder) throws UndecodableImageException {
    return decoder.decodeLevels(bytes);
  }
}
