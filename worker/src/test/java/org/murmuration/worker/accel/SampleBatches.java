package org.murmuration.worker.accel;

import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Batches that depend on their seed alone. */
final class SampleBatches {
  private final Random random;

  SampleBatches(long seed) {
    random = new Random(seed);
  }

  /** Images of bytes. */
  INDArray bytes(int count, int channels, int height, int width) {
    var bytes = Nd4j.create(DataType.UINT8, count, channels, height, width);
    for (long i = 0; i < bytes.length(); i++) {
      bytes.putScalar(i, random.nextInt(256));
    }
    return bytes;
  }

  /** Standard normal numbers. */
  INDArray normal(long... shape) {
    var numbers = Nd4j.create(DataType.FLOAT, shape);
    for (long i = 0; i < numbers.length(); i++) {
      numbers.putScalar(i, random.nextGaussian());
    }
    return numbers;
  }

  /** Which of the classes, for each sample. */
  INDArray classes(int count, int classes) {
    var labels = Nd4j.zeros(DataType.FLOAT, count, classes);
    for (int i = 0; i < count; i++) {
      labels.putScalar(i, random.nextInt(classes), 1);
    }
    return labels;
  }

  /** Which of the classes, for each pixel. */
  INDArray pixels(int count, int classes, long height, long width) {
    var labels = Nd4j.zeros(DataType.FLOAT, count, classes, height, width);
    for (int i = 0; i < count; i++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          labels.putScalar(i, random.nextInt(classes), y, x, 1);
        }
      }
    }
    return labels;
  }
}
