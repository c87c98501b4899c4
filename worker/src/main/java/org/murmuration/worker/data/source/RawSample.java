package org.murmuration.worker.data.source;

import java.io.IOException;
import java.util.Optional;

/** A sample as its source keeps it. What isn't asked for isn't read, where the format allows. */
public interface RawSample {

  /** The number of the sample in its piece, from 0; not all sources show them in that order. */
  long index();

  /** What no other sample of the data set is called: the file, and the name inside of it. */
  String path();

  /** Its class as the source has it, a name or a number; "" when there is none. */
  String label();

  /** How many bytes the image has, as far as that is known before it is read, or 0. */
  default long bytes() {
    return 0;
  }

  /**
   * The image; only its bytes are read, nothing is decoded.
   *
   * @throws org.murmuration.worker.data.image.UndecodableImageException when there is none to be
   *     had, or it is larger than anything that would be decoded
   */
  RawImage image() throws IOException;

  /**
   * The class of each pixel, as a gray image; empty where the source has none.
   *
   * @throws org.murmuration.worker.data.image.UndecodableImageException as for the image
   */
  default Optional<RawImage> mask() throws IOException {
    return Optional.empty();
  }
}
