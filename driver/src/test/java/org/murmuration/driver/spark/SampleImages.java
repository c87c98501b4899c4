package org.murmuration.driver.spark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.cifar.CifarFiles;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** The embedded images as DL4J's data sets, put together pixel by pixel. */
public final class SampleImages {
  private static final int CLASSES = 10;
  private static final int CHANNELS = 3;
  private static final int SIDE = 32;
  private static final int PIXELS = CHANNELS * SIDE * SIDE;
  private static final int UNSIGNED_BYTE = 0xFF;

  private SampleImages() {}

  /** All test images: raw pixels 0 to 255 [500, 3, 32, 32] and one-hot labels [500, 10]. */
  public static DataSet test() throws IOException {
    return dataSet(images(Split.TEST), 1);
  }

  /**
   * The first training images, cut in data sets of these sizes; pixels are 0 to 1.
   *
   * @param sizes images of each data set, in order
   */
  public static List<DataSet> training(int... sizes) throws IOException {
    var images = images(Split.TRAIN);
    List<DataSet> dataSets = new ArrayList<>();
    int from = 0;
    for (int size : sizes) {
      dataSets.add(dataSet(images.subList(from, from + size), 1.0f / UNSIGNED_BYTE));
      from += size;
    }
    return dataSets;
  }

  /** Each as its label followed by its pixels. */
  private static List<byte[]> images(Split split) throws IOException {
    List<byte[]> images = new ArrayList<>();
    CifarFiles.sample()
        .read(
            split,
            (index, label, pixels, offset) ->
                images.add(
                    ByteBuffer.allocate(1 + PIXELS)
                        .put((byte) label)
                        .put(pixels, offset, PIXELS)
                        .array()));
    return images;
  }

  private static DataSet dataSet(List<byte[]> images, float scale) {
    var values = new float[images.size() * PIXELS];
    var labels = new float[images.size() * CLASSES];
    for (int i = 0; i < images.size(); i++) {
      var image = images.get(i);
      labels[i * CLASSES + image[0]] = 1;
      for (int p = 0; p < PIXELS; p++) {
        values[i * PIXELS + p] = scale * (image[1 + p] & UNSIGNED_BYTE);
      }
    }
    return new DataSet(
        Nd4j.create(values, new long[] {images.size(), CHANNELS, SIDE, SIDE}, DataType.FLOAT),
        Nd4j.create(labels, new long[] {images.size(), CLASSES}, DataType.FLOAT));
  }
}
