package org.murmuration.driver.job;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.murmuration.driver.spark.Rank;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.data.EpochOrder;
import org.murmuration.worker.data.ImageBatches;
import org.murmuration.worker.data.SampleStore;
import org.murmuration.worker.data.cifar.Cifar10Source;

/** A rank's share of a split, off the heap, as batches. */
record RankData(SampleStore store, BatchSource batches) implements AutoCloseable {

  /** The training images of the lanes that this rank owns. */
  static RankData training(
      DataSetup data, Rank rank, long seed, int globalBatch, Configuration hadoop)
      throws IOException {
    var store = data.newStore(rank.localDirectory());
    var order = new EpochOrder(seed, globalBatch, rank.rank(), rank.worldSize());
    data.open(hadoop)
        .read(
            Cifar10Source.Split.TRAIN,
            (index, label, pixels, offset) -> {
              if (order.owns(index)) {
                order.add(index, store.add(pixels, offset, label));
              }
            });
    return new RankData(
        store, ImageBatches.training(store, order, DataSetup.SHAPE, DataSetup.CLASSES));
  }

  /** Every world-size-th test image. */
  static RankData test(DataSetup data, Rank rank, int batchSize, Configuration hadoop)
      throws IOException {
    var store = data.newStore(rank.localDirectory());
    data.open(hadoop)
        .read(
            Cifar10Source.Split.TEST,
            (index, label, pixels, offset) -> {
              if (index % rank.worldSize() == rank.rank()) {
                store.add(pixels, offset, label);
              }
            });
    return new RankData(
        store, ImageBatches.sequential(store, batchSize, DataSetup.SHAPE, DataSetup.CLASSES));
  }

  @Override
  public void close() {
    batches.close();
    store.close();
  }
}
