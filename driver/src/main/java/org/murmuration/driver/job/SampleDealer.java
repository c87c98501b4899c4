package org.murmuration.driver.job;

import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.Partitioner;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.ShuffledRDD;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.murmuration.driver.spark.SparkTasks;
import org.murmuration.worker.data.Deal;
import org.murmuration.worker.data.EpochOrder;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.load.Parcel;
import org.murmuration.worker.data.load.Parcels;
import org.murmuration.worker.data.load.SplitPieces;
import scala.Tuple2;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Decides how ranks get their samples. Where little is lost by it each reads its own; otherwise
 * every piece is read once, by a task where it lies, and Spark's shuffle brings the samples to
 * their ranks.
 */
final class SampleDealer {
  /** An image file of any size is moved whole. */
  private static final String LARGEST_SAMPLE = "2047m";

  private final JavaSparkContext spark;
  private final Broadcast<RankData> data;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final int ranks;
  private final long rereadLimitBytes;
  private final boolean dealsAnew;
  private Optional<JavaRDD<byte[]>> training = Optional.empty();
  private Optional<JavaRDD<byte[]>> test = Optional.empty();

  /**
   * Deals to ranks.
   *
   * @param ranks how many there are at first
   * @param rereadLimitBytes most bytes that ranks may read besides those of their own samples
   * @param dealsAnew whether training samples will be dealt more than once
   */
  SampleDealer(
      JavaSparkContext spark,
      Broadcast<RankData> data,
      Broadcast<SerializableConfiguration> hadoop,
      int ranks,
      long rereadLimitBytes,
      boolean dealsAnew) {
    this.spark = spark;
    this.data = data;
    this.hadoop = hadoop;
    this.ranks = ranks;
    this.rereadLimitBytes = rereadLimitBytes;
    this.dealsAnew = dealsAnew;
  }

  /** Whether ranks read their own training and test samples. */
  boolean ranksRead() {
    var index = data.value().index();
    return ranksRead(index.train().sharedBytes() + index.test().sharedBytes());
  }

  /** Whether ranks read their own test samples, where there is no training. */
  boolean ranksReadTest() {
    return ranksRead(data.value().index().test().sharedBytes());
  }

  private boolean ranksRead(long sharedBytes) {
    return !dealsAnew && sharedBytes <= rereadLimitBytes / Math.max(1, ranks - 1);
  }

  /**
   * The samples of training by rank: {@link Delivery#END} after those of the training split, then
   * those of the test split if there are any; nothing for ranks that read.
   *
   * @param world how many ranks there are
   */
  JavaRDD<byte[]> training(Deal deal, int globalBatch, int world) throws IOException {
    if (ranksRead()) {
      return nothing(world);
    }
    if (training.isEmpty()) {
      training = Optional.of(loaded(Split.TRAIN));
      if (dealsAnew) {
        training.get().persist(StorageLevel.DISK_ONLY());
      }
    }
    RankOf rankOf = number -> EpochOrder.rankOf(deal.position(number), globalBatch, world);
    return dealt(training.get(), rankOf, world).zipPartitions(test(world), SampleDealer::joined);
  }

  /** Forgets what is kept on the executors' disks: it may be what made the ranks fail. */
  void forget() {
    training.ifPresent(kept -> kept.unpersist(false));
    training = Optional.empty();
    test = Optional.empty();
  }

  /** The test samples by rank; nothing for ranks that read. */
  JavaRDD<byte[]> evaluation() throws IOException {
    return ranksReadTest() ? nothing(ranks) : test(ranks);
  }

  private JavaRDD<byte[]> test(int world) throws IOException {
    if (test.isEmpty() || test.get().getNumPartitions() != world) {
      test =
          Optional.of(
              data.value().index().hasTest()
                  ? dealt(loaded(Split.TEST), number -> RankData.testRank(number, world), world)
                  : nothing(world));
    }
    return test.get();
  }

  private JavaRDD<byte[]> nothing(int world) {
    return spark.parallelize(List.of(), world);
  }

  /** All samples of a split, each portion where its first file lies. */
  private JavaRDD<byte[]> loaded(Split split) throws IOException {
    var pieces = data.value().pieces(split);
    var portions = pieces.portions(PreprocessPlan.costPerTask(pieces.pieces(), ranks));
    var placed =
        FileHosts.placed(portions, portion -> portion.pieces().get(0), spark.hadoopConfiguration());
    var shared = data;
    var conf = hadoop;
    return new SparkTasks(spark)
        .placed(placed)
        .mapPartitions(portion -> load(portion.next(), split, shared.value(), conf.value()));
  }

  private static Iterator<byte[]> load(
      SplitPieces portion, Split split, RankData data, SerializableConfiguration hadoop) {
    var parcels = new Parcels(data.loader(split, hadoop.value()), portion);
    TaskCompletionListener closing = context -> parcels.close();
    TaskContext.get().addTaskCompletionListener(closing);
    return parcels;
  }

  /** The rank that a sample belongs to, by its number. */
  private interface RankOf extends Serializable {
    int of(long number);
  }

  /**
   * Kryo writes bytes as they are; Java's own way keeps a hundred samples of each rank in memory.
   */
  private JavaRDD<byte[]> dealt(JavaRDD<byte[]> parcels, RankOf rankOf, int world) {
    JavaPairRDD<Object, byte[]> byRank =
        parcels.mapToPair(bytes -> new Tuple2<>(rankOf.of(Parcel.numberOf(bytes)), bytes));
    ClassTag<Object> rank = ClassTag$.MODULE$.Int();
    ClassTag<byte[]> bytes = ClassTag$.MODULE$.apply(byte[].class);
    var conf = spark.getConf().set("spark.kryoserializer.buffer.max", LARGEST_SAMPLE);
    var shuffled =
        new ShuffledRDD<Object, byte[], byte[]>(byRank.rdd(), new ByRank(world), rank, bytes, bytes)
            .setSerializer(new KryoSerializer(conf));
    return JavaPairRDD.fromRDD(shuffled, rank, bytes).values();
  }

  private static Iterator<byte[]> joined(Iterator<byte[]> train, Iterator<byte[]> test) {
    return new Iterator<>() {
      private Iterator<byte[]> current = train;
      private boolean ended;

      @Override
      public boolean hasNext() {
        return !ended || current.hasNext();
      }

      @Override
      public byte[] next() {
        if (!ended && !current.hasNext()) {
          ended = true;
          current = test;
          return Delivery.END;
        }
        return current.next();
      }
    };
  }

  /** Each rank has its own partition. */
  private static final class ByRank extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final int ranks;

    ByRank(int ranks) {
      this.ranks = ranks;
    }

    @Override
    public int numPartitions() {
      return ranks;
    }

    @Override
    public int getPartition(Object rank) {
      return (Integer) rank;
    }
  }
}
