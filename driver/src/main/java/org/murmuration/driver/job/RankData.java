package org.murmuration.driver.job;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.apache.hadoop.conf.Configuration;
import org.murmuration.driver.spark.Rank;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.data.EpochOrder;
import org.murmuration.worker.data.EvaluationBatches;
import org.murmuration.worker.data.ImageBatches;
import org.murmuration.worker.data.load.SampleLoader;
import org.murmuration.worker.data.load.SplitPieces;
import org.murmuration.worker.data.prepared.BadSample;

/**
 * Loads a rank's share of a split into batches off the heap.
 *
 * @param setup where the data is
 * @param index what it consists of
 * @param threads that read and decode
 */
record RankData(DataSetup setup, DataIndex index, int threads) implements Serializable {

  /**
   * What was loaded.
   *
   * @param batches of the samples that could be decoded
   * @param bad those that could not
   */
  record Loaded(BatchSource batches, List<BadSample> bad) {}

  /** The training images of the lanes that this rank owns. */
  Loaded training(Rank rank, long seed, int globalBatch, Configuration hadoop) throws IOException {
    var order = new EpochOrder(seed, globalBatch, rank.rank(), rank.worldSize());
    var store = setup.newStore(rank.localDirectory());
    try {
      var bad =
          load(
              index.train(),
              order::owns,
              (number, label, pixels) -> order.add(number, store.add(pixels, 0, label)),
              hadoop);
      return new Loaded(new ImageBatches(store, order, store.shape(), classes()), bad);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** Every world-size-th test image, in the order of the split. */
  Loaded test(Rank rank, int batchSize, Configuration hadoop) throws IOException {
    var store = setup.newStore(rank.localDirectory());
    var order = new TreeMap<Long, Integer>();
    try {
      var bad =
          load(
              index.test(),
              number -> number % rank.worldSize() == rank.rank(),
              (number, label, pixels) -> order.put(number, store.add(pixels, 0, label)),
              hadoop);
      var indices = order.values().stream().mapToInt(Integer::intValue).toArray();
      return new Loaded(
          new EvaluationBatches(store, indices, store.shape(), classes(), batchSize), bad);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private List<BadSample> load(
      SplitPieces split, LongPredicate wanted, SampleLoader.Sink sink, Configuration hadoop)
      throws IOException {
    return new SampleLoader(setup.open(hadoop), setup.transform(), index.classes(), threads)
        .load(split, wanted, sink);
  }

  private int classes() {
    return index.classes().size();
  }
}
