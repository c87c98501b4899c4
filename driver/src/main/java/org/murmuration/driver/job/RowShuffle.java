package org.murmuration.driver.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.Partitioner;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.prepared.PartWriter;
import org.murmuration.worker.data.prepared.PreparedFile;
import org.murmuration.worker.data.prepared.PreparedRow;
import org.murmuration.worker.data.source.LabelMap;
import scala.Tuple2;

/**
 * Puts prepared rows in their final places. Their images are moved once, by Spark's own shuffle,
 * which spills to disk.
 */
final class RowShuffle {
  private final JavaSparkContext spark;
  private final Broadcast<SerializableConfiguration> hadoop;

  RowShuffle(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop) {
    this.spark = spark;
    this.hadoop = hadoop;
  }

  /**
   * Writes all rows.
   *
   * @param files that hold the rows
   * @param placed where each goes
   * @param writer of the parts
   * @param channels of each image
   * @return the parts of each split, in their order
   */
  SortedMap<String, List<PartWriter.Report>> write(
      List<String> files, RowPlacement.Placed placed, PartWriter writer, int channels) {
    return write(files, placed.targets(), placed.classes(), placed.parts(), writer, channels);
  }

  private SortedMap<String, List<PartWriter.Report>> write(
      List<String> files,
      JavaPairRDD<RowPlacement.FileNumber, RowPlacement.Target> targets,
      LabelMap labels,
      List<RowPlacement.Part> parts,
      PartWriter writer,
      int channels) {
    var configuration = hadoop;
    var names = spark.broadcast(List.copyOf(files));
    var reports =
        targets
            .groupByKey(new ByNumber(files.size()))
            .mapPartitionsToPair(
                groups ->
                    groups.hasNext()
                        ? rows(names.value(), groups.next(), labels, configuration.value())
                        : Collections.emptyIterator())
            .repartitionAndSortWithinPartitions(new ByNumber(parts.size()))
            .mapPartitions(
                rows -> {
                  var context = TaskContext.get();
                  var part = parts.get(context.partitionId());
                  return Collections.singleton(
                          new Tuple2<>(
                              context.partitionId(),
                              writer.write(
                                  part.split(),
                                  part.number(),
                                  values(rows),
                                  channels,
                                  Long.toString(context.taskAttemptId()),
                                  configuration.value().value())))
                      .iterator();
                })
            .collect();
    var bySplit = new TreeMap<String, List<PartWriter.Report>>();
    reports.stream()
        .sorted((a, b) -> a._1().compareTo(b._1()))
        .forEach(
            report ->
                bySplit
                    .computeIfAbsent(parts.get(report._1()).split(), split -> new ArrayList<>())
                    .add(report._2()));
    return bySplit;
  }

  /** The rows of a file that go anywhere, one by one, with where they go. */
  private static Iterator<Tuple2<RowPlacement.Position, PreparedRow>> rows(
      List<String> names,
      Tuple2<RowPlacement.FileNumber, Iterable<RowPlacement.Target>> group,
      LabelMap labels,
      SerializableConfiguration configuration)
      throws IOException {
    var targets = new HashMap<Long, RowPlacement.Target>();
    group._2().forEach(target -> targets.put(target.row(), target));
    var file = new PreparedFile(new Path(names.get(group._1().number())), configuration.value());
    var reader = file.open();
    TaskCompletionListener closing = context -> reader.close();
    TaskContext.get().addTaskCompletionListener(closing);
    return Stream.iterate(0L, row -> row < reader.rows(), row -> row + 1)
        .map(row -> new Tuple2<>(targets.get(row), reader.next()))
        .filter(row -> row._1() != null)
        .map(
            row ->
                new Tuple2<>(
                    new RowPlacement.Position(row._1().part(), row._1().position()),
                    labelled(row._2(), labels)))
        .iterator();
  }

  private static PreparedRow labelled(PreparedRow row, LabelMap labels) {
    try {
      return row.labelName().isEmpty() ? row : row.labelled(labels.index(row.labelName()));
    } catch (BadDataException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Iterator<PreparedRow> values(
      Iterator<Tuple2<RowPlacement.Position, PreparedRow>> pairs) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return pairs.hasNext();
      }

      @Override
      public PreparedRow next() {
        return pairs.next()._2();
      }
    };
  }

  /** Each file and each part has its own partition. */
  private static final class ByNumber extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final int partitions;

    ByNumber(int partitions) {
      this.partitions = partitions;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object key) {
      return ((RowPlacement.Numbered) key).number();
    }
  }
}
