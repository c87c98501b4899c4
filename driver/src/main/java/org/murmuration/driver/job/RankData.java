package org.murmuration.driver.job;

import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.driver.spark.Rank;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.data.BatchSource;
import org.murmuration.worker.data.Deal;
import org.murmuration.worker.data.EpochOrder;
import org.murmuration.worker.data.EvaluationBatches;
import org.murmuration.worker.data.Feed;
import org.murmuration.worker.data.ImageBatches;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.augment.Augmenter;
import org.murmuration.worker.data.load.AugmentedBatches;
import org.murmuration.worker.data.load.SampleLoader;
import org.murmuration.worker.data.load.SplitPieces;
import org.murmuration.worker.data.load.StoredImages;
import org.murmuration.worker.data.prepared.BadSample;
import org.murmuration.worker.data.prepared.ImageTransform;
import org.murmuration.worker.data.prepared.Keeping;
import org.murmuration.worker.health.MemoryUse;

/**
 * Makes batches off the heap of a rank's share of a split.
 *
 * @param setup where the data is
 * @param index what it consists of
 * @param augmenter of training images
 * @param labelSmoothing the share of each training label that is spread over all classes
 * @param feed which training images an epoch has
 * @param adaptive whether the share of images that are augmented changes
 * @param threads that read, decode and augment
 * @param patience how long a batch may take
 */
record RankData(
    DataSetup setup,
    DataIndex index,
    Augmenter augmenter,
    double labelSmoothing,
    Feed feed,
    boolean adaptive,
    int threads,
    Duration patience)
    implements Serializable {

  /** The data of a job. */
  static RankData of(JobConf conf, DataSetup setup, DataIndex index) {
    return new RankData(
        setup,
        index,
        conf.data().augment().augmenter(conf.train().seed()),
        conf.train().labelSmoothing(),
        conf.feed().feed(),
        conf.feed().plan().gap() > 0,
        conf.train().computation().threads(),
        conf.averaging().peerTimeout());
  }

  /**
   * What was loaded.
   *
   * @param split that it is a rank's share of
   * @param batches of the samples that could be decoded
   * @param good the number of those
   * @param bad those that could not
   */
  record Loaded(Split split, BatchSource batches, int good, List<BadSample> bad) {}

  /** The training images of the lanes that this rank owns. */
  Loaded training(Rank rank, Deal deal, int globalBatch, Delivery delivery) throws IOException {
    var order = new EpochOrder(deal.seed(), globalBatch, rank.rank(), rank.worldSize(), feed);
    return setup.keeping() == Keeping.PIXELS
        ? pixels(rank, order, deal, delivery)
        : encoded(rank, order, deal, delivery);
  }

  private Loaded pixels(Rank rank, EpochOrder order, Deal deal, Delivery delivery)
      throws IOException {
    var store = setup.newStore(rank);
    List<Long> numbers = new ArrayList<>();
    return filling(
        store::close,
        () -> {
          var bad =
              take(delivery, order, deal, numbers, (pixels, label) -> store.add(pixels, 0, label));
          return new Loaded(
              Split.TRAIN,
              augmenter.isIdle()
                  ? new ImageBatches(
                      store, array(numbers), order, store.shape(), classes(), labelSmoothing)
                  : augmented(
                      StoredImages.of(store), numbers, order, setup.transform().ofConverted()),
              numbers.size(),
              bad);
        });
  }

  private Loaded encoded(Rank rank, EpochOrder order, Deal deal, Delivery delivery)
      throws IOException {
    var store = setup.newEncodedStore(rank);
    List<Long> numbers = new ArrayList<>();
    return filling(
        store::close,
        () -> {
          var bad = take(delivery, order, deal, numbers, store::add);
          return new Loaded(
              Split.TRAIN,
              augmented(StoredImages.of(store), numbers, order, setup.transform()),
              numbers.size(),
              bad);
        });
  }

  /** What fills a store and makes batches of it. */
  private interface Filling {
    Loaded run() throws IOException;
  }

  /** Closes a store that could not be filled, and says before whether memory was lacking. */
  private static Loaded filling(Runnable close, Filling filling) throws IOException {
    try {
      return filling.run();
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      try {
        MemoryUse.throwIfLacking(e);
      } finally {
        close.run();
      }
      throw e;
    }
  }

  /** Puts an image into a store, and says at which index. */
  private interface Adding {
    int add(byte[] content, int label);
  }

  /**
   * Takes a rank's training images.
   *
   * @param numbers is told the number of each, in the order of the store
   */
  private static List<BadSample> take(
      Delivery delivery, EpochOrder order, Deal deal, List<Long> numbers, Adding store)
      throws IOException {
    return delivery.deliver(
        Split.TRAIN,
        number -> order.owns(deal.position(number)),
        (number, label, content) -> {
          order.add(deal.position(number), store.add(content, label));
          numbers.add(number);
        });
  }

  private AugmentedBatches augmented(
      StoredImages images, List<Long> numbers, EpochOrder order, ImageTransform transform) {
    return new AugmentedBatches(
        images,
        array(numbers),
        order,
        transform,
        augmenter,
        classes(),
        labelSmoothing,
        adaptive,
        threads,
        patience);
  }

  private static long[] array(List<Long> numbers) {
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  /** Every world-size-th test image, in the order of the split. */
  Loaded test(Rank rank, int batchSize, Delivery delivery) throws IOException {
    var store = setup.newStore(rank);
    var order = new TreeMap<Long, Integer>();
    return filling(
        store::close,
        () -> {
          var bad =
              delivery.deliver(
                  Split.TEST,
                  number -> testRank(number, rank.worldSize()) == rank.rank(),
                  (number, label, pixels) -> order.put(number, store.add(pixels, 0, label)));
          var indices = order.values().stream().mapToInt(Integer::intValue).toArray();
          return new Loaded(
              Split.TEST,
              new EvaluationBatches(store, indices, store.shape(), classes(), batchSize),
              indices.length,
              bad);
        });
  }

  /**
   * Makes sure that no sample was lost on its way: Spark takes a file of its own that is cut short
   * for one that ends there. All ranks must call it.
   *
   * @param mine what this rank has loaded of a split
   * @throws IOException when the ranks have not got all together
   */
  void requireAll(Collective collective, Loaded mine) throws IOException {
    long own = mine.good + (long) mine.bad.size();
    long all =
        collective.allGather(ByteBuffer.allocate(Long.BYTES).putLong(own).array()).stream()
            .mapToLong(theirs -> ByteBuffer.wrap(theirs).getLong())
            .sum();
    long expected = pieces(mine.split).samples();
    if (all != expected) {
      throw new IOException(
          "%,d of the %,d %s samples have come to the ranks: what Spark keeps of them on disk is damaged (see the disks of spark.local.dir), or their files have changed"
              .formatted(all, expected, mine.split == Split.TRAIN ? "training" : "test"));
    }
  }

  /** The rank that evaluates a test image. */
  static int testRank(long number, int worldSize) {
    return (int) (number % worldSize);
  }

  /** The pieces of a split. */
  SplitPieces pieces(Split split) {
    return split == Split.TRAIN ? index.train() : index.test();
  }

  /** Reads the samples of a split, as a rank keeps them. */
  SampleLoader loader(Split split, Configuration hadoop) {
    var keeping = split == Split.TRAIN ? setup.keeping() : Keeping.PIXELS;
    return new SampleLoader(
        setup.open(hadoop), setup.transform(), index.classes(), keeping, threads);
  }

  /** A rank that reads its samples itself. */
  Delivery reading(Configuration hadoop) {
    return (split, wanted, sink) -> loader(split, hadoop).load(pieces(split), wanted, sink);
  }

  private int classes() {
    return index.classes().size();
  }
}
