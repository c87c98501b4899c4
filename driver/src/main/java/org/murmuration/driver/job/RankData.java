package org.murmuration.driver.job;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.murmuration.driver.spark.Rank;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.data.EpochOrder;
import org.murmuration.worker.data.EvaluationBatches;
import org.murmuration.worker.data.ImageBatches;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.cifar.Cifar10;
import org.murmuration.worker.data.cifar.RecordVisitor;

/** Loads a rank's share of a split into batches off the heap. */
final class RankData {
  private RankData() {}

  /** The training images of the lanes that this rank owns. */
  static BatchSource training(
      DataSetup data, Rank rank, long seed, int globalBatch, Configuration hadoop)
      throws IOException {
    var store = data.newStore(rank.localDirectory());
    var order = new EpochOrder(seed, globalBatch, rank.rank(), rank.worldSize());
    RecordVisitor visitor =
        (index, label, pixels, offset) -> {
          if (order.owns(index)) {
            order.add(index, store.add(pixels, offset, label));
          }
        };
    try {
      data.open(hadoop).read(Split.TRAIN, visitor);
      return new ImageBatches(store, order, Cifar10.SHAPE, Cifar10.CLASSES);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** Every world-size-th test image. */
  static BatchSource test(DataSetup data, Rank rank, int batchSize, Configuration hadoop)
      throws IOException {
    var store = data.newStore(rank.localDirectory());
    RecordVisitor visitor =
        (index, label, pixels, offset) -> {
          if (index % rank.worldSize() == rank.rank()) {
            store.add(pixels, offset, label);
          }
        };
    try {
      data.open(hadoop).read(Split.TEST, visitor);
      return new EvaluationBatches(store, Cifar10.SHAPE, Cifar10.CLASSES, batchSize);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }
}
