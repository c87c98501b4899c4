package org.murmuration.driver.job;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.spark.SparkTasks;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.load.SplitPieces;
import org.murmuration.worker.data.source.LabelMap;
import org.murmuration.worker.data.source.Listing;
import org.murmuration.worker.data.source.Piece;
import org.murmuration.worker.data.source.PieceSummary;
import org.murmuration.worker.data.source.SampleSource;

/**
 * What a job's data consists of.
 *
 * @param train its training samples
 * @param test its test samples; without pieces if there are none
 * @param classes of both
 */
record DataIndex(SplitPieces train, SplitPieces test, LabelMap classes) implements Serializable {
  private static final SplitPieces NONE = new SplitPieces(List.of(), new long[0]);

  /**
   * Counts the samples of both splits on the executors, or here where that needs no reading.
   *
   * @throws BadDataException when the data isn't of the form that it should have, has no labels or
   *     no samples
   */
  static DataIndex of(
      DataSetup data, JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop)
      throws IOException {
    var source = data.open(spark.hadoopConfiguration());
    var labels = new TreeSet<String>();
    List<String> named = new ArrayList<>(data.classes());
    var splits = new ArrayList<SplitPieces>();
    for (var split : Split.values()) {
      if (split == Split.TEST && !data.hasTest()) {
        splits.add(NONE);
        continue;
      }
      var listing = source.list(split);
      if (named.isEmpty()) {
        named.addAll(listing.classes());
      }
      var summaries = summarise(data, source, listing, spark, hadoop);
      if (split == Split.TRAIN) {
        summaries.forEach(summary -> labels.addAll(summary.labels()));
      }
      splits.add(
          new SplitPieces(
              listing.pieces(), summaries.stream().mapToLong(PieceSummary::samples).toArray()));
    }
    var classes = named.isEmpty() ? LabelMap.ofLabels(labels) : LabelMap.ofNames(named);
    return new DataIndex(splits.get(0), splits.get(1), classes);
  }

  /** The number of all samples. */
  long samples() {
    return train.samples() + test.samples();
  }

  /** Whether there is anything to test with. */
  boolean hasTest() {
    return test.samples() > 0;
  }

  private static List<PieceSummary> summarise(
      DataSetup data,
      SampleSource source,
      Listing listing,
      JavaSparkContext spark,
      Broadcast<SerializableConfiguration> hadoop)
      throws IOException {
    List<PieceSummary> summaries = new ArrayList<>();
    if (source.summarisesWithoutReading()) {
      for (var piece : listing.pieces()) {
        summaries.add(source.summarise(piece));
      }
      return summaries;
    }
    List<SparkTasks.Placed<Piece>> pieces =
        listing.pieces().stream()
            .map(piece -> new SparkTasks.Placed<>(piece, List.<String>of()))
            .toList();
    return new SparkTasks(spark)
        .run(
            "counting samples",
            pieces,
            piece -> data.open(hadoop.value().value()).summarise(piece),
            summary -> {});
  }
}
