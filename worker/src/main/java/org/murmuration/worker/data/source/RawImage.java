package org.murmuration.worker.data.source;

import java.util.Optional;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.image.ImageDecoder;
import org.murmuration.worker.data.image.Raster;
import org.murmuration.worker.data.image.UndecodableImageException;

/** An image as its source keeps it, in memory. */
public interface RawImage {

  /** The bytes that it is kept in. */
  byte[] bytes();

  /** The bytes of an image file with the same pixels. */
  byte[] file();

  /**
   * The samples, channel by channel, if they are kept like that and have this shape; nothing needs
   * to be computed then. Not to be changed.
   */
  Optional<byte[]> planes(ImageShape shape);

  /**
   * The pixels.
   *
   * @param decoder says how many channels there are to be, and how large an image may be
   * @param needed pixels of the longer side that the caller will resize to; what comes may be
   *     smaller than the image, but not smaller than twice that
   */
  Raster decode(ImageDecoder decoder, int needed) throws UndecodableImageException;

  /**
   * The levels of a gray image that are numbers of classes, none of which may have been changed to
   * make it smaller.
   *
   * @throws UndecodableImageException also when it is in colour, or was compressed with losses
   */
  Raster decodeLevels(ImageDecoder decoder) throws UndecodableImageException;
}
