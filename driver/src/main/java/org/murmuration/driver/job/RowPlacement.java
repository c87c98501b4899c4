package org.murmuration.driver.job;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.conf.PreprocessConf;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.prepared.BadSample;
import org.murmuration.worker.data.prepared.PartWriter;
import org.murmuration.worker.data.prepared.PreparedFile;
import org.murmuration.worker.data.prepared.RowMeta;
import org.murmuration.worker.data.prepared.ShuffleOrder;
import org.murmuration.worker.data.source.LabelMap;
import scala.Tuple2;

/**
 * Decides where each row goes, from what is known of rows without their images: leaves out
 * duplicates, splits, puts all rows in their final order and deals them into parts that differ by
 * at most one row.
 */
final class RowPlacement {
  private static final String TRAIN = PartWriter.name(Split.TRAIN);
  private static final String TEST = PartWriter.name(Split.TEST);
  private static final long PART_BYTES = 128L << 20;

  private final JavaSparkContext spark;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final PreprocessConf conf;

  RowPlacement(
      JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, PreprocessConf conf) {
    this.spark = spark;
    this.hadoop = hadoop;
    this.conf = conf;
  }

  /**
   * Where a row goes.
   *
   * @param row its number in the file that it is in
   * @param part the number of its part, over all splits
   * @param position its number in its split
   */
  record Target(long row, int part, long position) implements Serializable {}

  /** Orders the rows of a part. */
  record Position(int number, long position)
      implements Numbered, Comparable<Position>, Serializable {
    @Override
    public int compareTo(Position other) {
      return Long.compare(position, other.position);
    }
  }

  /** One part of a split. */
  record Part(String split, int number) implements Serializable {}

  /** What has its own partition. */
  interface Numbered {
    int number();
  }

  /** One of the files that hold rows. */
  record FileNumber(int number) implements Numbered, Serializable {}

  /**
   * Where all rows go.
   *
   * @param targets of each row, by the file that it is in
   * @param parts of all splits
   * @param duplicates that go nowhere
   * @param classes of all rows
   */
  record Placed(
      JavaPairRDD<FileNumber, Target> targets,
      List<Part> parts,
      List<BadSample> duplicates,
      LabelMap classes) {}

  /**
   * Places rows.
   *
   * @param files that hold the rows
   * @param finished how many of these, the first ones, are of an earlier run
   * @param stale pieces whose rows of the earlier run are left out, because they have changed since
   *     or are gone
   * @param classes that are known; none if they are to be found
   * @param rowBytes of an image as it is kept; 0 where that depends on the image
   * @throws BadDataException when a label is none of the classes that are known, or there is no row
   */
  Placed place(
      List<String> files, int finished, Set<String> stale, List<String> classes, long rowBytes)
      throws BadDataException {
    var all = metas(files, finished, stale).persist(StorageLevel.DISK_ONLY());
    var kept = conf.deduplicate() ? withoutDuplicates(all) : all;
    kept.persist(StorageLevel.DISK_ONLY());
    var duplicates = conf.deduplicate() ? duplicates(all, kept) : List.<BadSample>of();
    var labels = labels(kept, classes);
    var parts = new ArrayList<Part>();
    JavaPairRDD<FileNumber, Target> targets = JavaPairRDD.fromJavaRDD(spark.emptyRDD());
    for (var split : split(kept).entrySet()) {
      long count = split.getValue().count();
      if (count > 0) {
        int first = parts.size();
        int partCount = partCount(split.getValue(), count, rowBytes);
        IntStream.range(0, partCount).forEach(n -> parts.add(new Part(split.getKey(), n)));
        targets = targets.union(targets(split.getValue(), count, first, partCount));
      }
    }
    if (parts.isEmpty()) {
      throw new BadDataException("there is no sample that can be used, so there is no data set");
    }
    return new Placed(targets, parts, duplicates, labels);
  }

  /** The classes; a label that is none of those stated is refused before any image is moved. */
  private static LabelMap labels(JavaRDD<RowMeta> rows, List<String> stated)
      throws BadDataException {
    var found = rows.map(RowMeta::labelName).filter(label -> !label.isEmpty()).distinct().collect();
    var labels = stated.isEmpty() ? LabelMap.ofLabels(found) : LabelMap.ofNames(stated);
    for (var label : found) {
      labels.index(label);
    }
    return labels;
  }

  private JavaRDD<RowMeta> metas(List<String> files, int finished, Set<String> stale) {
    var configuration = hadoop;
    var gone = spark.broadcast(Set.copyOf(stale));
    var numbered = IntStream.range(0, files.size()).boxed().toList();
    var names = spark.broadcast(List.copyOf(files));
    return spark
        .parallelize(numbered, Math.max(1, numbered.size()))
        .flatMap(
            file -> {
              List<RowMeta> rows = new ArrayList<>();
              var row = new long[1];
              new PreparedFile(new Path(names.value().get(file)), configuration.value().value())
                  .readWithoutImages(
                      read -> {
                        if (file >= finished || !gone.value().contains(read.origin().piece())) {
                          rows.add(
                              new RowMeta(
                                  file, row[0], read.path(), read.labelName(), read.origin()));
                        }
                        row[0]++;
                      });
              return rows.iterator();
            });
  }

  private static JavaRDD<RowMeta> withoutDuplicates(JavaRDD<RowMeta> all) {
    return all.keyBy(meta -> meta.origin().sha256()).reduceByKey(RowMeta::toKeep).values();
  }

  private static List<BadSample> duplicates(JavaRDD<RowMeta> all, JavaRDD<RowMeta> kept) {
    var stays = kept.mapToPair(meta -> new Tuple2<>(meta.origin().sha256(), meta.path()));
    var found =
        all.mapToPair(meta -> new Tuple2<>(meta.origin().sha256(), meta))
            .join(stays)
            .values()
            .filter(pair -> !pair._1().path().equals(pair._2()))
            .map(pair -> duplicate(pair._1(), pair._2()))
            .collect();
    return found.stream().sorted((a, b) -> a.path().compareTo(b.path())).toList();
  }

  private static BadSample duplicate(RowMeta meta, String other) {
    return new BadSample(
        meta.path(),
        meta.origin().piece(),
        BadSample.DUPLICATE,
        "its image has the same bytes as " + other,
        meta.origin().imageBytes());
  }

  /** The rows of each split; where the source has none, a share of each class for testing. */
  private SortedMap<String, JavaRDD<RowMeta>> split(JavaRDD<RowMeta> kept) {
    var splits = new TreeMap<String, JavaRDD<RowMeta>>();
    var train = kept.filter(meta -> !meta.origin().split().equals(TEST));
    var test = kept.filter(meta -> meta.origin().split().equals(TEST));
    if (conf.testFraction() > 0) {
      var seed = conf.seed();
      var fraction = conf.testFraction();
      var counts = new TreeMap<>(train.mapToPair(m -> new Tuple2<>(m.labelName(), m)).countByKey());
      var starts = starts(counts);
      var ordered =
          train
              .sortBy(
                  meta -> ShuffleOrder.of(meta.labelName(), seed, meta.path()),
                  true,
                  train.getNumPartitions())
              .zipWithIndex()
              .mapToPair(
                  pair -> {
                    var label = pair._1().labelName();
                    var tested = Math.round(fraction * counts.get(label));
                    return new Tuple2<>(pair._2() - starts.get(label) < tested, pair._1());
                  })
              .persist(StorageLevel.DISK_ONLY());
      train = ordered.filter(pair -> !pair._1()).values();
      test = ordered.filter(pair -> pair._1()).values();
    }
    splits.put(TRAIN, train);
    splits.put(TEST, test);
    return splits;
  }

  /** Where each class begins when all rows lie in the order of their classes. */
  private static SortedMap<String, Long> starts(SortedMap<String, Long> counts) {
    var starts = new TreeMap<String, Long>();
    long start = 0;
    for (Map.Entry<String, Long> label : counts.entrySet()) {
      starts.put(label.getKey(), start);
      start += label.getValue();
    }
    return starts;
  }

  private int partCount(JavaRDD<RowMeta> rows, long count, long rowBytes) {
    if (conf.parts().isPresent()) {
      return (int) Math.min(count, conf.parts().getAsInt());
    }
    long bytes =
        rowBytes > 0
            ? count * rowBytes
            : rows.map(meta -> meta.origin().imageBytes()).reduce(Long::sum);
    return (int) Math.max(1, Math.min(count, (bytes + PART_BYTES - 1) / PART_BYTES));
  }

  private JavaPairRDD<FileNumber, Target> targets(
      JavaRDD<RowMeta> rows, long count, int firstPart, int partCount) {
    var seed = conf.seed();
    return rows.sortBy(
            meta -> ShuffleOrder.of("", seed, meta.path()), true, rows.getNumPartitions())
        .zipWithIndex()
        .mapToPair(
            pair -> {
              long position = pair._2();
              // Of floor(count * part / parts) rows before each part, the last one that isn't
              // beyond.
              int part = (int) (((position + 1) * partCount - 1) / count);
              return new Tuple2<>(
                  new FileNumber(pair._1().file()),
                  new Target(pair._1().row(), firstPart + part, position));
            });
  }
}
