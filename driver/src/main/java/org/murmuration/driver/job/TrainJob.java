package org.murmuration.driver.job;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.conf.DataConf;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.driver.spark.BarrierStage;
import org.murmuration.driver.spark.JobFailedException;
import org.murmuration.driver.spark.JobRefusedException;
import org.murmuration.driver.spark.Slots;
import org.murmuration.driver.ui.DownloadDisplay;
import org.murmuration.driver.ui.ProgressDisplay;
import org.murmuration.driver.ui.ProgressListener;
import org.murmuration.worker.accel.ComputationInfo;
import org.murmuration.worker.collective.CollectiveSettings;
import org.murmuration.worker.training.AveragingPlan;
import org.murmuration.worker.training.EpochReport;
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
              + "|train\\.(batch-size|seed|precision|optimizer\\..*|schedule\\..*)"
              + "|averaging\\.(algorithm|bucket|wire|sparsity|every|outer\\..*)");

  private final JobConf conf;
  private final DataSetup data;
  private final RunFolder folder;
  private final boolean resume;
  private final PrintStream out;
  private final boolean terminal;

  private TrainJob(
      JobConf conf,
      DataSetup data,
      RunFolder folder,
      boolean resume,
      PrintStream out,
      boolean terminal) {
    this.conf = conf;
    this.data = data;
    this.folder = folder;
    this.resume = resume;
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
    // A network that doesn't fit is refused now rather than once the cluster has been waited for.
    DataLocator.classes(conf.data(), data, hadoop)
        .ifPresent(classes -> NetworkPlan.of(conf, data.transform().shape(), classes, 1));
    var folder = RunFolder.open(outputFolder, conf.name(), hadoop);
    folder.requireFreeFor(resume);
    return new TrainJob(conf, data, folder, resume, out, terminal);
  }

  /**
   * Runs the job to its end.
   *
   * @throws IOException when the report can't be written
   */
  public void run(JavaSparkContext spark) throws IOException {
    var started = Instant.now();
    var slots = new Slots(spark.sc());
    var ranks = conf.train().ranks().orElseGet(slots::promised);
    requireEnoughWork(ranks);
    slots.await(ranks, conf.cluster().slotsTimeout());
    out.printf(
        "training %s on %d ranks (%s), results in %s%n",
        conf.name(), ranks, spark.sc().master(), folder.path());

    var display = new ProgressDisplay(out, terminal);
    var hadoop = spark.hadoopConfiguration();
    var configuration = spark.broadcast(new SerializableConfiguration(hadoop));
    var index = DataIndex.of(data, spark, configuration);
    out.printf(
        "data        %,d training and %,d test images of %d classes%n",
        index.train().samples(), index.test().samples(), index.classes().size());
    var task =
        new TrainTask(
            job(index),
            spark.broadcast(RankData.of(conf, data, index)),
            BadSamples.of(conf.data().maxBad(), index.samples()),
            averaging(conf),
            UUID.randomUUID().getMostSignificantBits(),
            conf.train().batchSize(),
            conf.evaluate().batchSize(),
            configuration,
            ProgressListener.show(spark.sc(), display));
    var results = runRanks(spark, ranks, task);
    var bad = results.stream().flatMap(result -> result.bad().stream()).toList();
    if (!bad.isEmpty()) {
      BadSamples.write(bad, folder.badSamples(), hadoop);
    }

    var training = results.get(0).training();
    training.epochs().forEach(epoch -> display.epochDone(epoch, conf.train().epochs()));
    var wall = Duration.between(started, Instant.now());
    new TrainReport(conf, spark.sc(), folder, started, wall, results).write(hadoop);
    summarise(results, wall);
  }

  private List<RankResult> runRanks(JavaSparkContext spark, int ranks, TrainTask task) {
    try {
      return new BarrierStage(spark).run(ranks, task);
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

  private static void requireLabels(DataSetup data) {
    if (data.source() == DataConf.Source.PAIRS) {
      throw new JobRefusedException(
          "data.source = pairs has a mask for each image and no label, and the networks here are classifiers: preprocess takes such data, train doesn't");
    }
  }

  private TrainingJob job(DataIndex index) {
    var network =
        NetworkPlan.of(
            conf, data.transform().shape(), index.classes().size(), index.train().samples());
    return new TrainingJob(
        network.toJson(),
        conf.network().init(),
        conf.train().computation(),
        new TrainingPlan(
            conf.train().epochs(),
            conf.train().seed(),
            conf.train().evaluateEvery(),
            conf.checkpoint().everyEpochs(),
            averagingPlan()),
        index.classes().size(),
        folder.path().toString(),
        conf.checkpoint().keep(),
        resume,
        identity());
  }

  /** What decides the course of training: a checkpoint of other settings can't be gone on with. */
  private SortedMap<String, String> identity() {
    SortedMap<String, String> identity = new TreeMap<>();
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

  /** Who keeps the others waiting, and with what. */
  private void summariseSlowest(List<RankResult> results, List<EpochReport> epochs) {
    if (results.size() == 1) {
      return;
    }
    var last = epochs.get(epochs.size() - 1);
    var slowest = last.slowest();
    out.printf(
        "slowest     rank %d on %s: %.1f s compute, %.1f s averaging and waiting, %.1f s input, of %.1f s in the last epoch%n",
        slowest.rank(),
        results.get(slowest.rank()).host(),
        slowest.computeSeconds(),
        slowest.exposedCommunicationSeconds(),
        slowest.inputSeconds(),
        last.wallSeconds());
  }

  private void summarise(List<RankResult> results, Duration wall) {
    var training = results.get(0).training();
    training
        .lastTest()
        .ifPresent(
            test ->
                out.printf(
                    "test accuracy %.2f %% on %,d images%n",
                    100 * test.accuracy(), test.samples()));
    summarise(training.computation());
    summariseBad(results);
    summariseSlowest(results, training.epochs());
    out.printf("model       %s%n", folder.model());
    out.printf("report      %s%n", folder.report());
    out.printf(
        "parameters  %s, the same on all %d ranks; %d s in all%n",
        training.parameterChecksum(), results.size(), wall.toSeconds());
  }

  private void summariseBad(List<RankResult> results) {
    var bad = results.stream().mapToInt(result -> result.bad().size()).sum();
    if (bad > 0) {
      out.printf("bad images  %,d, named in %s%n", bad, folder.badSamples());
    }
  }

  private void summarise(ComputationInfo computation) {
    var inDl4j = computation.dl4jLayers();
    out.printf(
        "compute     %s, %d of %d layers compiled, %d x %d threads on rank 0%n",
        computation.precision(),
        computation.compiledLayers(),
        computation.compiledLayers() + inDl4j.size(),
        computation.replicas(),
        computation.threads());
    inDl4j.forEach(layer -> out.printf("in DL4J     %s%n", layer));
  }
}
