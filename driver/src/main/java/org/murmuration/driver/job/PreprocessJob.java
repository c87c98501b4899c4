package org.murmuration.driver.job;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.conf.DataConf;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.driver.spark.JobRefusedException;
import org.murmuration.driver.spark.RankMemory;
import org.murmuration.driver.spark.Slots;
import org.murmuration.driver.spark.SparkTasks;
import org.murmuration.driver.ui.DownloadDisplay;
import org.murmuration.driver.ui.PreprocessDisplay;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.prepared.BadSample;
import org.murmuration.worker.data.prepared.ChannelSums;
import org.murmuration.worker.data.prepared.Chunk;
import org.murmuration.worker.data.prepared.ChunkReport;
import org.murmuration.worker.data.prepared.DatasetManifest;
import org.murmuration.worker.data.prepared.DatasetManifest.SplitManifest;
import org.murmuration.worker.data.prepared.Keeping;
import org.murmuration.worker.data.prepared.PartWriter;
import org.murmuration.worker.data.prepared.Preparation;
import org.murmuration.worker.data.source.LabelMap;
import org.murmuration.worker.data.source.Piece;

/** {@code preprocess}: from any source to a prepared data set. */
public final class PreprocessJob {
  private static final String UNSPLIT = "";

  private final JobConf conf;
  private final PreparedSettings settings;
  private final DataSetup data;
  private final PreparedFolder folder;
  private final SortedMap<String, List<Piece>> listed;
  private final List<String> classes;
  private final PrintStream out;
  private final boolean terminal;

  private PreprocessJob(
      JobConf conf,
      DataSetup data,
      PreparedFolder folder,
      SortedMap<String, List<Piece>> listed,
      List<String> classes,
      PrintStream out,
      boolean terminal) {
    this.conf = conf;
    this.settings = PreparedSettings.of(conf);
    this.data = data;
    this.folder = folder;
    this.listed = listed;
    this.classes = classes;
    this.out = out;
    this.terminal = terminal;
  }

  /** What a task takes beside the Java heap. */
  public static RankMemory memory() {
    return RankNeed.ofDecoding();
  }

  /**
   * Finds the data and what is prepared of it, before any executor is asked for.
   *
   * @param output where the data set goes
   * @param out where to show progress
   * @param terminal whether that is a terminal
   * @throws IOException when there is no data
   */
  public static PreprocessJob prepare(
      JobConf conf, String output, Configuration hadoop, PrintStream out, boolean terminal)
      throws IOException {
    if (conf.data().source() == DataConf.Source.PREPARED) {
      throw new JobRefusedException(
          "data.source = prepared has been preprocessed already; name the source that it comes from");
    }
    var data = DataLocator.locate(conf.data(), hadoop, new DownloadDisplay(out, terminal)::show);
    var folder = PreparedFolder.open(output, hadoop);
    var source = data.open(hadoop);
    var listed = new TreeMap<String, List<Piece>>();
    List<String> classes = new ArrayList<>(data.classes());
    long passedOver = 0;
    for (var split : data.hasTest() ? Split.values() : new Split[] {Split.TRAIN}) {
      var listing = source.list(split);
      listed.put(data.hasTest() ? PartWriter.name(split) : UNSPLIT, listing.pieces());
      if (classes.isEmpty()) {
        classes.addAll(listing.classes());
      }
      for (var path : listing.passedOver()) {
        if (passedOver++ < BadSamples.SHOWN) {
          out.printf("passed over %s%n", path);
        }
      }
    }
    if (passedOver > BadSamples.SHOWN) {
      out.printf("passed over %,d files in all%n", passedOver);
    }
    return new PreprocessJob(conf, data, folder, listed, classes, out, terminal);
  }

  /**
   * Runs the job to its end.
   *
   * @throws IOException when the data set can't be written
   */
  public void run(JavaSparkContext spark) throws IOException {
    var finished = folder.finished();
    finished.ifPresent(before -> settings.requireSameImages(before, folder.path()));
    new Slots(spark.sc(), word -> out.println("waiting     " + word))
        .awaitAny(conf.cluster().slotsTimeout());
    var hadoop = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    var known = finished.isPresent() ? folder.finishedPieces() : new TreeMap<String, List<Piece>>();
    var oldBad = finished.isPresent() ? folder.finishedBad() : List.<BadSample>of();
    var plan = plan(finished, known, oldBad, spark);
    if (finished.isPresent()
        && plan.changesNothing()
        && finished.get().settings().equals(settings.all())) {
      out.printf("nothing has changed since %s was written%n", folder.path());
      return;
    }
    out.printf(
        "preprocessing %,d files into %s: %,d are done, %,d tasks to do%n",
        listed.values().stream().mapToLong(List::size).sum(),
        folder.path(),
        known.values().stream().mapToLong(List::size).sum() - plan.stale().size(),
        plan.todo().size());
    var leftOut =
        oldBad.stream()
            .filter(bad -> !plan.stale().contains(bad.piece()))
            .collect(Collectors.partitioningBy(BadSample::repeatsAnother));
    var reports = prepareChunks(spark, hadoop, plan, leftOut.get(false));
    finish(spark, hadoop, plan, reports, leftOut);
  }

  /**
   * When an image is gone that others were left out for, or duplicates are wanted after all, these
   * are prepared again.
   */
  private PreprocessPlan plan(
      Optional<DatasetManifest> finished,
      Map<String, List<Piece>> known,
      List<BadSample> oldBad,
      JavaSparkContext spark)
      throws IOException {
    var hadoop = spark.hadoopConfiguration();
    var chunks =
        folder.chunks(settings.ofImages()).done(hadoop).stream()
            .filter(chunk -> chunk.bad().stream().noneMatch(bad -> bad.mayBeGoodNow(hadoop)))
            .toList();
    var slots = spark.defaultParallelism();
    var mended = pieces(oldBad, bad -> bad.mayBeGoodNow(hadoop));
    var plan = PreprocessPlan.of(listed, known, mended, chunks, slots);
    var before = finished.map(manifest -> manifest.settings().get(PreparedSettings.DEDUPLICATE));
    var asBefore = before.equals(Optional.of(Boolean.toString(conf.preprocess().deduplicate())));
    if (finished.isEmpty() || (plan.stale().isEmpty() && asBefore)) {
      return plan;
    }
    var reopened = pieces(oldBad, BadSample::repeatsAnother);
    reopened.addAll(mended);
    return PreprocessPlan.of(listed, known, reopened, chunks, slots);
  }

  private static Set<String> pieces(List<BadSample> samples, Predicate<BadSample> which) {
    return samples.stream()
        .filter(which)
        .map(BadSample::piece)
        .collect(Collectors.toCollection(HashSet::new));
  }

  private List<ChunkReport> prepareChunks(
      JavaSparkContext spark,
      Broadcast<SerializableConfiguration> hadoop,
      PreprocessPlan plan,
      List<BadSample> stillBad)
      throws IOException {
    var setup = data;
    var chunks = folder.chunks(settings.ofImages());
    var preparation = new Preparation(data.transform(), conf.preprocess().keeping());
    var tally = new BadTally(conf.data().maxBad(), knownSamples());
    tally.add(stillBad);
    plan.done().forEach(tally::add);
    var display = new PreprocessDisplay(out, terminal, plan.todoCost());
    List<ChunkReport> reports = new ArrayList<>(plan.done());
    reports.addAll(
        new SparkTasks(spark)
            .run(
                "preprocessing",
                FileHosts.placed(
                    plan.todo(), chunk -> chunk.pieces().get(0), spark.hadoopConfiguration()),
                (Chunk chunk) -> {
                  var configuration = hadoop.value().value();
                  var attempt = Long.toString(TaskContext.get().taskAttemptId());
                  return chunks.prepare(
                      chunk, setup.open(configuration), preparation, attempt, configuration);
                },
                (ChunkReport report) -> {
                  display.show(report.chunk().cost(), report.rows(), report.bad().size());
                  tally.add(report);
                  tally.requireFewBadSoFar();
                }));
    display.end();
    tally.requireFewBad();
    return reports;
  }

  /** How many samples there will be, where each file is one; else that is known in the end. */
  private OptionalLong knownSamples() {
    return data.open(new Configuration(false)).summarisesWithoutReading()
        ? OptionalLong.of(listed.values().stream().mapToLong(List::size).sum())
        : OptionalLong.empty();
  }

  private void finish(
      JavaSparkContext spark,
      Broadcast<SerializableConfiguration> hadoop,
      PreprocessPlan plan,
      List<ChunkReport> reports,
      Map<Boolean, List<BadSample>> leftOut)
      throws IOException {
    List<String> files =
        folder.finished().isPresent()
            ? new ArrayList<>(folder.finishedParts())
            : new ArrayList<String>();
    int old = files.size();
    reports.stream()
        .map(report -> folder.chunks(settings.ofImages()).table(report.chunk()).toString())
        .sorted()
        .forEach(files::add);
    folder.clearStaging();
    out.printf("shuffling%n");
    var shape = data.transform().shape();
    var keepsPixels = conf.preprocess().keeping() == Keeping.PIXELS;
    var placement = new RowPlacement(spark, hadoop, conf.preprocess());
    var shuffle = new RowShuffle(spark, hadoop);
    var writer = new PartWriter(folder.staging().toString());
    var written =
        new SparkTasks(spark)
            .explaining(
                "shuffling",
                () -> {
                  var placed =
                      placement.place(
                          files, old, plan.stale(), classes, keepsPixels ? shape.bytes() : 0);
                  var parts = shuffle.write(files, placed, writer, shape.channels());
                  return new Written(parts, placed.duplicates(), placed.classes());
                });
    var bad = sorted(leftOut.get(false), reports.stream().flatMap(report -> report.bad().stream()));
    var duplicates = sorted(leftOut.get(true), written.duplicates().stream());
    var manifest = manifest(written, bad.size(), duplicates.size());
    folder.commit(manifest, listed, Stream.concat(bad.stream(), duplicates.stream()).toList());
    summarise(manifest);
  }

  private static List<BadSample> sorted(List<BadSample> before, Stream<BadSample> now) {
    return Stream.concat(before.stream(), now)
        .sorted(Comparator.comparing(BadSample::path))
        .toList();
  }

  /**
   * What was written.
   *
   * @param parts of each split, in their order
   * @param duplicates that were left out
   * @param classes of all rows
   */
  private record Written(
      SortedMap<String, List<PartWriter.Report>> parts,
      List<BadSample> duplicates,
      LabelMap classes) {}

  private DatasetManifest manifest(Written written, long bad, long duplicates) {
    var splits = new TreeMap<String, SplitManifest>();
    written.parts().forEach((split, parts) -> splits.put(split, SplitManifest.of(parts)));
    var sums =
        written.parts().getOrDefault(PartWriter.name(Split.TRAIN), List.of()).stream()
            .map(PartWriter.Report::sums)
            .reduce(ChannelSums.none(data.transform().shape().channels()), ChannelSums::plus);
    return new DatasetManifest(
        DatasetManifest.FORMAT,
        settings.all(),
        data.transform(),
        conf.preprocess().keeping(),
        written.classes().names(),
        splits,
        Arrays.stream(sums.mean()).boxed().toList(),
        Arrays.stream(sums.standardDeviation()).boxed().toList(),
        bad,
        duplicates);
  }

  private void summarise(DatasetManifest manifest) {
    var classes =
        manifest.classes().isEmpty() ? "" : " of %d classes".formatted(manifest.classes().size());
    manifest
        .splits()
        .forEach(
            (split, made) ->
                out.printf(
                    "%-11s %,d images%s in %d parts%n",
                    split, made.samples(), classes, made.parts().size()));
    out.printf("mean        %s%n", numbers(manifest.mean()));
    out.printf("deviation   %s%n", numbers(manifest.standardDeviation()));
    if (manifest.bad() + manifest.duplicates() > 0) {
      out.printf(
          "left out    %,d bad images, %,d duplicates, named in %s%n",
          manifest.bad(), manifest.duplicates(), folder.bad());
    }
    out.printf("data set    %s%n", folder.path());
  }

  private static String numbers(List<Double> values) {
    return values.stream()
        .map(value -> String.format(Locale.ROOT, "%.4f", value))
        .collect(Collectors.joining("  "));
  }
}
