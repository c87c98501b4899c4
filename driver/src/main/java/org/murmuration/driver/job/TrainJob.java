package org.murmuration.driver.job;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.conf.DataConf;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.driver.spark.Contexts;
import org.murmuration.driver.spark.Demand;
import org.murmuration.driver.spark.JobFailedException;
import org.murmuration.driver.spark.JobRefusedException;
import org.murmuration.driver.spark.RankMemory;
import org.murmuration.driver.spark.Slots;
import org.murmuration.driver.ui.DownloadDisplay;
import org.murmuration.driver.ui.ProgressDisplay;
import org.murmuration.driver.ui.ProgressListener;
import org.murmuration.worker.model.PixelNorm;
import org.murmuration.worker.training.Position;

/** {@code train}: from settings to a model and a report. */
public final class TrainJob implements AutoCloseable {
  private final JobConf conf;
  private final DataSetup data;
  private final RunFolder folder;
  private final RunLease lease;
  private final Position start;
  private final Consumer<String> damaged;
  private final OptionalInt classes;
  private final PrintStream out;
  private final boolean terminal;

  private TrainJob(
      JobConf conf,
      DataSetup data,
      RunFolder folder,
      RunLease lease,
      Position start,
      Consumer<String> damaged,
      OptionalInt classes,
      PrintStream out,
      boolean terminal) {
    this.conf = conf;
    this.data = data;
    this.folder = folder;
    this.lease = lease;
    this.start = start;
    this.damaged = damaged;
    this.classes = classes;
    this.out = out;
    this.terminal = terminal;
  }

  /**
   * Finds network, images and output folder in order, before any executor is asked for; takes the
   * folder until it is closed.
   *
   * @param outputFolder where the results go, or empty for a new folder
   * @param resume whether to go on with the run that the folder holds
   * @param out where to show progress
   * @param terminal whether that is a terminal
   * @throws IOException when the images are missing or the folder can't be written
   */
  public static TrainJob prepare(
      JobConf conf,
      Optional<String> outputFolder,
      boolean resume,
      Configuration hadoop,
      PrintStream out,
      boolean terminal)
      throws IOException {
    var data = DataLocator.locate(conf.data(), hadoop, new DownloadDisplay(out, terminal)::show);
    requireLabels(data);
    requireOwnLosses(conf);
    requireFeedback(conf);
    // A network that doesn't fit is refused now rather than once the cluster has been waited for.
    var classes = DataLocator.classes(conf.data(), data, hadoop);
    classes.ifPresent(count -> NetworkPlan.ofAnyLength(conf, data.transform().shape(), count));
    var folder = RunFolder.open(outputFolder, conf.name(), hadoop);
    folder.requireFreeFor(resume);
    var lease = RunLease.take(folder.path(), hadoop, out);
    var damaged = damaged(out);
    try {
      folder.tidy();
      var start =
          resume
              ? folder.resumed(conf.checkpoint().keep(), TrainIdentity.of(conf), damaged)
              : Position.START;
      return new TrainJob(conf, data, folder, lease, start, damaged, classes, out, terminal);
    } catch (IOException | RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  /** Says of each damaged checkpoint once that it is. */
  private static Consumer<String> damaged(PrintStream out) {
    var told = ConcurrentHashMap.<String>newKeySet();
    return word -> {
      if (told.add(word)) {
        out.println("damaged     " + word + "; an older one is taken");
      }
    };
  }

  /** Gives the output folder back. */
  @Override
  public void close() throws IOException {
    lease.close();
  }

  /** What the job asks of the cluster. */
  public Demand demand() {
    var demand =
        new Demand(
            conf.name(),
            conf.train().ranks().most(),
            conf.train().computation().threads(),
            Optional.empty());
    return Contexts.hasMemoryLimits() ? demand.with(memory()) : demand;
  }

  private RankMemory memory() {
    return RankNeed.ofTraining(conf, data.transform().shape(), classes).memory();
  }

  /**
   * Runs the job to its end, or to where the process is told to stop.
   *
   * @return whether it came to its end
   * @throws IOException when the report can't be written
   */
  public boolean run(JavaSparkContext spark) throws IOException {
    var started = Instant.now();
    var slots = new Slots(spark.sc(), word -> out.println("waiting     " + word));
    var crew =
        new Crew(
            slots, conf.train().ranks(), conf.cluster().slotsTimeout(), conf.train().regrowAfter());
    // Executors are on their way meanwhile.
    var memory = memory();
    if (!Contexts.hasMemoryLimits()) {
      out.printf("memory      each rank takes beside the Java heap: %s%n", memory);
    }
    var ranks = crew.first();
    requireEnoughWork(ranks);
    out.printf(
        "training %s on %d ranks (%s), results in %s%n",
        conf.name(), ranks, spark.sc().master(), folder.path());

    var configuration = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    var index = DataIndex.of(data, spark, configuration);
    out.printf(
        "data        %,d training and %,d test images of %d classes%n",
        index.train().samples(), index.test().samples(), index.classes().size());
    requireTest(index);
    var identity = TrainIdentity.of(conf, index);
    if (!start.equals(Position.START)) {
      // Once more, now that the data is known.
      newest(identity);
      out.printf("resuming    %s%n", start);
    }
    var display = new ProgressDisplay(out, terminal);
    var progress = ProgressListener.show(spark.sc(), display);
    var recovery =
        new Recovery(
            conf.train().maxFailures(),
            () -> newest(identity),
            crew::next,
            progress::firstStep,
            ranks,
            out);
    var training =
        new Training(
            conf,
            spark,
            configuration,
            index,
            spark.broadcast(RankData.of(conf, data, index)),
            new TrainSetup(conf, data, folder)
                .job(index, norm(spark, configuration, index), start, identity),
            memory,
            lease,
            crew,
            recovery,
            display,
            progress,
            out);
    try (var signal = new StopSignal(training::stop, conf.checkpoint().onStop())) {
      var results = explained(() -> training.run(start, signal));
      if (!training.isOver(results)) {
        out.printf(
            "stopped     %s; the same command with --resume --out %s goes on from there%n",
            results.get(0).training().end(), folder.path());
        return false;
      }
      finish(spark, configuration, index, results, recovery.restarts(), started);
    }
    return true;
  }

  private Position newest(SortedMap<String, String> identity) {
    return folder.newestCheckpoint(conf.checkpoint().keep(), identity, damaged);
  }

  /** Writes and prints what came out. */
  private void finish(
      JavaSparkContext spark,
      Broadcast<SerializableConfiguration> configuration,
      DataIndex index,
      List<RankResult> results,
      List<Recovery.Restart> restarts,
      Instant started)
      throws IOException {
    var hadoop = spark.hadoopConfiguration();
    var bad = results.stream().flatMap(result -> result.bad().stream()).toList();
    if (!bad.isEmpty()) {
      BadSamples.write(bad, folder.badSamples(), hadoop);
    }

    if (conf.train().suspects() > 0) {
      new Suspects(data, index, spark, configuration)
          .write(results, conf.train().suspects(), folder.suspects());
    }
    var wall = Duration.between(started, Instant.now());
    new TrainReport(conf, spark.sc(), folder, started, wall, start, results, restarts)
        .write(hadoop);
    new TrainSummary(conf.train(), results, restarts, folder, out).print(wall);
  }

  /** What is done with ranks. */
  private interface Work {
    List<RankResult> run() throws IOException;
  }

  private List<RankResult> explained(Work work) throws IOException {
    try {
      return work.run();
    } catch (JobFailedException e) {
      throw new JobFailedException(
          e.getMessage()
              + "\nWhat was saved is whole: once there is a checkpoint, the same command with"
              + " --resume --out "
              + folder.path()
              + " goes on from there",
          e);
    }
  }

  private void requireEnoughWork(int ranks) {
    if (ranks > conf.train().batchSize()) {
      throw new JobRefusedException(
          ("there are %d ranks and train.batch-size = %d: every rank needs at least one image of a"
                  + " global batch. Raise train.batch-size or set train.ranks")
              .formatted(ranks, conf.train().batchSize()));
    }
  }

  private void requireTest(DataIndex index) {
    if (!index.hasTest() && conf.feed().plan().gap() > 0) {
      throw new JobRefusedException(
          "train.feed.augment-gap goes by test images, and there are none; set data.test-path, or preprocess.test-fraction for what is prepared");
    }
    if (!index.hasTest() && (conf.train().best().patience() > 0 || conf.train().best().keep())) {
      throw new JobRefusedException(
          "train.patience and train.keep-best go by test images, and there are none; set data.test-path, or preprocess.test-fraction for what is prepared");
    }
  }

  private static void requireOwnLosses(JobConf conf) {
    if (conf.train().suspects() > 0
        && (conf.data().augment().mixes() || conf.train().reshuffleEvery().isPresent())) {
      throw new JobRefusedException(
          "train.suspects goes by what the loss of each image is over the epochs; mixup and cutmix make one loss of two images, and train.reshuffle-every gives images to other ranks. Set train.suspects = 0, or leave those out");
    }
  }

  private static void requireFeedback(JobConf conf) {
    if (!conf.feed().isUsed()) {
      return;
    }
    if (conf.data().augment().mixes() || conf.train().reshuffleEvery().isPresent()) {
      throw new JobRefusedException(
          "train.feed goes by what each image has cost; mixup and cutmix make one loss of two images, and train.reshuffle-every gives images to other ranks. Set train.feed.order = shuffled and train.feed.augment-gap = none, or leave those out");
    }
    if (conf.feed().plan().gap() > 0 && conf.data().augment().augmenter(0).isIdle()) {
      throw new JobRefusedException(
          "train.feed.augment-gap decides how many images are augmented, and data.augment is empty; say how they are augmented, or set train.feed.augment-gap = none");
    }
  }

  private static void requireLabels(DataSetup data) {
    if (data.source() == DataConf.Source.PAIRS) {
      throw new JobRefusedException(
          "data.source = pairs has a mask for each image and no label, and the networks here are classifiers: preprocess takes such data, train doesn't");
    }
  }

  private PixelNorm norm(
      JavaSparkContext spark, Broadcast<SerializableConfiguration> configuration, DataIndex index)
      throws IOException {
    if (!PixelNorm.isNeededBy(conf.network().preprocessing())) {
      return PixelNorm.ANY;
    }
    var sums = PixelStatistics.of(data, index, spark, configuration);
    try {
      var norm = PixelNorm.of(sums.mean(), sums.covariance());
      out.printf("pixels      mean %s, deviation %s%n", numbers(norm.mean()), numbers(norm.std()));
      return norm;
    } catch (IllegalArgumentException e) {
      throw new JobRefusedException(e.getMessage());
    }
  }

  private static String numbers(List<Double> values) {
    return values.stream().map("%.1f"::formatted).collect(Collectors.joining(", "));
  }
}
