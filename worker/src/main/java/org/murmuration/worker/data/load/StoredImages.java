package org.murmuration.worker.data.load;

import org.murmuration.worker.data.EncodedStore;
import org.murmuration.worker.data.SampleStore;
import org.murmuration.worker.data.source.EncodedImage;
import org.murmuration.worker.data.source.PixelImage;
import org.murmuration.worker.data.source.RawImage;

/** The images of one rank, in one kind of store or the other. Any number of threads may read. */
public interface StoredImages extends AutoCloseable {

  /** How many there are. */
  int size();

  /** The number of the class of an image. */
  int label(int index);

  /** A copy of the image. */
  RawImage image(int index);

  @Override
  void close();

  /** Those of a store of pixels. */
  static StoredImages of(SampleStore store) {
    return new StoredImages() {
      @Override
      public int size() {
        return store.size();
      }

      @Override
      public int label(int index) {
        return store.label(index);
      }

      @Override
      public RawImage image(int index) {
        var pixels = new byte[store.shape().bytes()];
        store.copyTo(index, java.nio.ByteBuffer.wrap(pixels), 0);
        return new PixelImage(store.shape(), pixels);
      }

      @Override
      public void close() {
        store.close();
      }
    };
  }

  /** Those of a store of files. */
  static StoredImages of(EncodedStore store) {
    return new StoredImages() {
      @Override
      public int size() {
        return store.size();
      }

      @Override
      public int label(int index) {
        return store.label(index);
      }

      @Override
      public RawImage image(int index) {
        return new EncodedImage(store.bytes(index));
      }

      @Override
      public void close() {
        store.close();
      }
    };
  }
}
