package org.murmuration.driver.job;

import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.apache.hadoop.conf.Configuration;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.driver.spark.Rank;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.data.EpochOrder;
import org.murmuration.worker.data.EvaluationBatches;
import org.murmuration.worker.data.ImageBatches;
import org.murmuration.worker.data.augment.Augmenter;
import org.murmuration.worker.data.load.AugmentedBatches;
import org.murmuration.worker.data.load.SampleLoader;
import org.murmuration.worker.data.load.SplitPieces;
import org.murmuration.worker.data.load.StoredImages;
import org.murmuration.worker.data.prepared.BadSample;
import org.murmuration.worker.data.prepared.ImageTransform;
import org.murmuration.worker.data.prepared.Keeping;

/**
 * Loads a rank's share of a split into batches off the heap.
 *
 * @param setup where the data is
 * @param index what it consists of
 * @param augmenter of training images
 * @param threads that read, decode and augment
 * @param patience how long a batch may take
 */
record RankData(
    DataSetup setup, DataIndex index, Augmenter augmenter, int threads, Duration patience)
    implements Serializable {

  /** The data of a job. */
  static RankData of(JobConf conf, DataSetup setup, DataIndex index) {
    return new RankData(
        setup,
        index,
        conf.data().augment().augmenter(conf.train().seed()),
        conf.train().computation().threads(),
        conf.averaging().peerTimeout());
  }

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
    return setup.keeping() == Keeping.PIXELS
        ? pixels(rank, order, hadoop)
        : encoded(rank, order, hadoop);
  }

  private Loaded pixels(Rank rank, EpochOrder order, Configuration hadoop) throws IOException {
    var store = setup.newStore(rank.localDirectory());
    List<Long> numbers = new ArrayList<>();
    try {
      var bad =
          load(
              index.train(),
              order::owns,
              Keeping.PIXELS,
              (number, label, pixels) -> {
                order.add(number, store.add(pixels, 0, label));
                numbers.add(number);
              },
              hadoop);
      return new Loaded(
          augmenter.isIdle()
              ? new ImageBatches(store, order, store.shape(), classes())
              : augmented(StoredImages.of(store), numbers, order, setup.transform().ofConverted()),
          bad);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private Loaded encoded(Rank rank, EpochOrder order, Configuration hadoop) throws IOException {
    var store = setup.newEncodedStore(rank.localDirectory());
    List<Long> numbers = new ArrayList<>();
    try {
      var bad =
          load(
              index.train(),
              order::owns,
              Keeping.ENCODED,
              (number, label, file) -> {
                order.add(number, store.add(file, label));
                numbers.add(number);
              },
              hadoop);
      return new Loaded(augmented(StoredImages.of(store), numbers, order, setup.transform()), bad);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private AugmentedBatches augmented(
      StoredImages images, List<Long> numbers, EpochOrder order, ImageTransform transform) {
    return new AugmentedBatches(
        images,
        numbers.stream().mapToLong(Long::longValue).toArray(),
        order,
        transform,
        augmenter,
        classes(),
        threads,
        patience);
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
              Keeping.PIXELS,
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
      SplitPieces split,
      LongPredicate wanted,
      Keeping keeping,
      SampleLoader.Sink sink,
      Configuration hadoop)
      throws IOException {
    return new SampleLoader(
            setup.open(hadoop), setup.transform(), index.classes(), keeping, threads)
        .load(split, wanted, sink);
  }

  private int classes() {
    return index.classes().size();
  }
}
