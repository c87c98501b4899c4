package org.murmuration.worker.data.source;

import org.murmuration.worker.data.image.ImageDecoder;
import org.murmuration.worker.data.image.Raster;
import org.murmuration.worker.data.image.UndecodableImageException;

/** An image as its source keeps it, in memory. */
public interface RawImage {

  /** The bytes that it is kept in. */
  byte[] bytes();

  /**
   * The pixels.
   *
   * @param decoder says how many channels there are to be, and how large an image may be
   * @param needed pixels of the longer side that the caller will resize to; what comes may be
   *     smaller than the image, but not smaller than twice that
   */
  Raster decode(ImageDecoder decoder, int needed) throws UndecodableImageException;
}
