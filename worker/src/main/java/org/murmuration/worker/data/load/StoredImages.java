package org.murmuration.worker.data.load;

import java.nio.ByteBuffer;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import org.murmuration.worker.data.EncodedStore;
import org.murmuration.worker.data.SampleStore;
import org.murmuration.worker.data.source.EncodedImage;
import org.murmuration.worker.data.source.PixelImage;
import org.murmuration.worker.data.source.RawImage;

/**
 * The images of one rank, in one kind of store or the other, by their index there. Any number of
 * threads may read.
 *
 * @param label gives the number of the class of an image
 * @param image gives a copy of an image
 * @param closing gives the store back
 */
public record StoredImages(IntUnaryOperator label, IntFunction<RawImage> image, Runnable closing) {

  /** Those of a store of pixels. */
  public static StoredImages of(SampleStore store) {
    return new StoredImages(
        store::label,
        index -> {
          var pixels = new byte[store.shape().bytes()];
          store.copyTo(index, ByteBuffer.wrap(pixels), 0);
          return new PixelImage(store.shape(), pixels);
        },
        store::close);
  }

  /** Those of a store of files. */
  public static StoredImages of(EncodedStore store) {
    return new StoredImages(
        store::label, index -> new EncodedImage(store.bytes(index)), store::close);
  }
}
