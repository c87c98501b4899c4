package org.murmuration.driver.job;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.conf.DataConf;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.driver.spark.BarrierStage;
import org.murmuration.driver.spark.Contexts;
import org.murmuration.driver.spark.Demand;
import org.murmuration.driver.spark.JobFailedException;
import org.murmuration.driver.spark.JobRefusedException;
import org.murmuration.driver.spark.Slots;
import org.murmuration.driver.ui.DownloadDisplay;
import org.murmuration.driver.ui.ProgressDisplay;
import org.murmuration.driver.ui.ProgressListener;
import org.murmuration.worker.collective.CollectiveSettings;
import org.murmuration.worker.data.Deal;
import org.murmuration.worker.model.PixelNorm;
import org.murmuration.worker.training.AveragingPlan;
import org.murmuration.worker.training.ModelFile;
import org.murmuration.worker.training.TrainingJob;
import org.murmuration.worker.training.TrainingPlan;
import org.murmuration.worker.transport.TransportSettings;

/** {@code train}: from settings to a model and a report. */
public final class TrainJob {
  /**
   * The settings that decide the course of training, down to the rounding of sums. The number of
   * epochs is not one of them, so that a finished run can be made longer; nor is the number of
   * ranks, which changes no more than the rounding as long as whole gradients are averaged in each
   * step.
   */
  private static final Pattern COURSE =
      Pattern.compile(
          "data\\.(source|classes|columns\\..*|image\\..*|augment|keep)|preprocess\\.layers|network\\..*"
              + "|train\\.(seed|reshuffle-every|precision|label-smoothing|clip-norm|average-weights|feed\\..*|accumulate|optimizer\\..*|schedule\\..*)"
              + "|averaging\\.(algorithm|bucket|wire|sparsity|every|outer\\..*)");

  private final JobConf conf;
  private final DataSetup data;
  private final RunFolder folder;
  private final int firstEpoch;
  private final OptionalInt classes;
  private final PrintStream out;
  private final boolean terminal;

  private TrainJob(
      JobConf conf,
      DataSetup data,
      RunFolder folder,
      int firstEpoch,
      OptionalInt classes,
      PrintStream out,
      boolean terminal) {
    this.conf = conf;
    this.data = data;
    this.folder = folder;
    this.firstEpoch = firstEpoch;
    this.classes = classes;
    this.out = out;
    this.terminal = terminal;
  }

  /**
   * Finds network, images and output folder in order, before any executor is asked for.
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
    var firstEpoch = resume ? folder.epochsDone(conf.checkpoint().keep(), identity(conf)) : 0;
    return new TrainJob(conf, data, folder, firstEpoch, classes, out, terminal);
  }

  /** What the job asks of the cluster. */
  public Demand demand() {
    var demand =
        new Demand(
            conf.name(),
            conf.train().ranks(),
            conf.train().computation().threads(),
            Optional.empty());
    return Contexts.hasMemoryLimits()
        ? demand.with(RankNeed.ofTraining(conf, data.transform().shape(), classes).memory())
        : demand;
  }

  /**
   * Runs the job to its end.
   *
   * @throws IOException when the report can't be written
   */
  public void run(JavaSparkContext spark) throws IOException {
    var started = Instant.now();
    var slots = new Slots(spark.sc(), word -> out.println("waiting     " + word));
    var ranks = conf.train().ranks().orElseGet(slots::promised);
    requireEnoughWork(ranks);
    slots.await(ranks, conf.cluster().slotsTimeout());
    out.printf(
        "training %s on %d ranks (%s), results in %s%n",
        conf.name(), ranks, spark.sc().master(), folder.path());

    var configuration = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    var index = DataIndex.of(data, spark, configuration);
    out.printf(
        "data        %,d training and %,d test images of %d classes%n",
        index.train().samples(), index.test().samples(), index.classes().size());
    if (firstEpoch > 0) {
      out.printf("resuming    after epoch %d%n", firstEpoch);
    }
    requireTest(index);
    var recovery =
        new Recovery(
            conf.train().maxFailures(),
            () -> folder.newestCheckpoint(conf.checkpoint().keep(), identity(conf)).orElse(0),
            () -> slots.await(ranks, conf.cluster().slotsTimeout()),
            out);
    var results = train(spark, configuration, index, ranks, recovery);
    finish(spark, configuration, index, results, recovery.restarts(), started);
  }

  /** Round after round, until the epochs or the patience are at their end. */
  private List<RankResult> train(
      JavaSparkContext spark,
      Broadcast<SerializableConfiguration> configuration,
      DataIndex index,
      int ranks,
      Recovery recovery)
      throws IOException {
    var rankData = spark.broadcast(RankData.of(conf, data, index));
    var rounds = new Rounds(conf.train(), firstEpoch);
    var dealer =
        new SampleDealer(
            spark,
            rankData,
            configuration,
            ranks,
            conf.data().rereadLimitBytes(),
            rounds.dealsAnew());
    if (!dealer.ranksRead()) {
      out.printf("data        is read once and dealt to the ranks by a shuffle%n");
    }
    var job = job(index, norm(spark, configuration, index));
    var display = new ProgressDisplay(out, terminal);
    var progress = ProgressListener.show(spark.sc(), display);
    List<RankResult> results = List.of();
    for (var round : rounds.left()) {
      var deal = new Deal(conf.train().seed(), round.number(), index.train().samples());
      var before = results;
      Recovery.Attempt attempt =
          from -> {
            var task =
                new TrainTask(
                    job.part(from, round.until()),
                    rankData,
                    dealer.ranksRead(),
                    deal,
                    BadSamples.of(conf.data().maxBad(), index.samples()),
                    averaging(conf),
                    UUID.randomUUID().getMostSignificantBits(),
                    conf.train().batchSize(),
                    conf.evaluate().batchSize(),
                    configuration,
                    progress);
            var samples = dealer.training(deal, conf.train().batchSize());
            return new BarrierStage(spark).run(samples, task);
          };
      results =
          untilDone(recovery, round.from(), attempt).stream()
              .map(result -> result.after(before))
              .toList();
      var epochs = results.get(0).training().epochs();
      epochs.forEach(epoch -> display.epochDone(epoch, conf.train().epochs()));
      if (conf.train().best().isOver(epochs)) {
        break;
      }
    }
    return results;
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
    new TrainReport(conf, spark.sc(), folder, started, wall, firstEpoch, results, restarts)
        .write(hadoop);
    new TrainSummary(conf.train(), results, restarts, folder, out).print(wall);
  }

  private List<RankResult> untilDone(Recovery recovery, int from, Recovery.Attempt attempt)
      throws IOException {
    try {
      return recovery.run(from, attempt);
    } catch (JobFailedException e) {
      throw new JobFailedException(
          e.getMessage()
              + "\nWhat was saved is whole: once an epoch was checkpointed, the same command with"
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

  private TrainingJob job(DataIndex index, PixelNorm norm) {
    var network =
        NetworkPlan.of(
            conf, data.transform().shape(), index.classes().size(), norm, index.train().samples());
    return new TrainingJob(
        network.toJson(),
        conf.network().init(),
        conf.train().computation(),
        new TrainingPlan(
            conf.train().epochs(),
            conf.train().seed(),
            conf.train().evaluateEvery(),
            conf.checkpoint().everyEpochs(),
            averagingPlan(),
            conf.train().clipNorm(),
            conf.train().averageDecay(),
            conf.feed().plan(),
            conf.train().best(),
            conf.train().suspects(),
            conf.train().epochs()),
        new ModelFile.Use(
            data.serving(), index.classes().names(), conf.train().computation().precision()),
        folder.path().toString(),
        conf.checkpoint().keep(),
        firstEpoch,
        identity(conf));
  }

  /** What decides the course of training: a checkpoint of other settings can't be gone on with. */
  private static SortedMap<String, String> identity(JobConf conf) {
    SortedMap<String, String> identity = new TreeMap<>();
    identity.put("images per step", String.valueOf(conf.train().batchSize()));
    conf.effective()
        .settings()
        .forEach(
            (key, setting) -> {
              if (COURSE.matcher(key).matches()) {
                identity.put(key, String.valueOf(setting.value()));
              }
            });
    return identity;
  }

  /** How the ranks of a job sum and reach each other. */
  static CollectiveSettings averaging(JobConf job) {
    var conf = job.averaging();
    return new CollectiveSettings(
        conf.algorithm(),
        conf.wire(),
        conf.sparsity(),
        new TransportSettings(
            conf.peerTimeout(),
            conf.security(),
            conf.networkInterface().orElse(""),
            conf.ports(),
            conf.mtuBytes().orElse(0),
            conf.windowBytes().orElse(0),
            conf.directory().orElse("")));
  }

  private AveragingPlan averagingPlan() {
    var averaging = conf.averaging();
    return new AveragingPlan(
        averaging.bucketBytes(),
        averaging.every(),
        averaging.outer().learningRate(),
        averaging.outer().momentum());
  }
}
