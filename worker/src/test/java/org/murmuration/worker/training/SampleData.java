package org.murmuration.worker.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;
import org.murmuration.worker.accel.plan.Precision;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.data.EpochOrder;
import org.murmuration.worker.data.EvaluationBatches;
import org.murmuration.worker.data.Feed;
import org.murmuration.worker.data.ImageBatches;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.SampleStore;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.cifar.CifarFiles;
import org.murmuration.worker.data.image.Colors;
import org.murmuration.worker.data.image.ImageLimits;
import org.murmuration.worker.data.prepared.Fit;
import org.murmuration.worker.data.prepared.ImageTransform;
import org.murmuration.worker.model.InputShape;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** The real images that come with the program, as ranks get them. */
final class SampleData {
  static final InputShape SHAPE = new InputShape(3, 32, 32);
  static final int CLASSES = 10;

  static final ImageShape IMAGE = new ImageShape(3, 32, 32);
  private static final long MEMORY = 64L << 20;

  /** What a model of such images says of itself. */
  static final ModelFile.Use USE =
      new ModelFile.Use(
          new ImageTransform(
              IMAGE.width(), IMAGE.height(), Colors.RGB, Fit.CROP, 255, ImageLimits.DEFAULT),
          IntStream.range(0, CLASSES).mapToObj(c -> "class " + c).toList(),
          Precision.FP32);

  private SampleData() {}

  /** A rank's share of the first training images. */
  static BatchSource training(int samples, int globalBatch, long seed, int rank, int worldSize) {
    return training(samples, globalBatch, seed, rank, worldSize, new Feed.Shuffled());
  }

  /** The same, fed otherwise. */
  static BatchSource training(
      int samples, int globalBatch, long seed, int rank, int worldSize, Feed feed) {
    var order = new EpochOrder(seed, globalBatch, rank, worldSize, feed);
    List<Long> numbers = new ArrayList<>();
    var store = new SampleStore(IMAGE, MEMORY, Path.of("."));
    read(
        Split.TRAIN,
        index -> index < samples && order.owns(index),
        (index, label, pixels, offset) -> {
          order.add(index, store.add(pixels, offset, label));
          numbers.add(index);
        });
    return new ImageBatches(
        store, numbers.stream().mapToLong(Long::longValue).toArray(), order, IMAGE, CLASSES, 0);
  }

  /** A rank's share of the first test images. */
  static BatchSource test(int samples, int batchSize, int rank, int worldSize) {
    return sequential(Split.TEST, index -> index < samples && index % worldSize == rank, batchSize);
  }

  /** Training images {@code first} to {@code first + count - 1}; arrays of their own. */
  static MultiDataSet batch(int first, int count) {
    return sequential(Split.TRAIN, index -> index >= first && index < first + count, count)
        .batch(0, 0);
  }

  private static BatchSource sequential(Split split, LongPredicate wanted, int batchSize) {
    var store = new SampleStore(IMAGE, MEMORY, Path.of("."));
    read(split, wanted, (index, label, pixels, offset) -> store.add(pixels, offset, label));
    return new EvaluationBatches(
        store, IntStream.range(0, store.size()).toArray(), IMAGE, CLASSES, batchSize);
  }

  private interface Sink {
    void add(long index, int label, byte[] pixels, int offset);
  }

  private static void read(Split split, LongPredicate wanted, Sink sink) {
    try {
      CifarFiles.sample()
          .read(
              split,
              (index, label, pixels, offset) -> {
                if (wanted.test(index)) {
                  sink.add(index, label, pixels, offset);
                }
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
