package org.murmuration.driver.job;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkContext;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.training.ConfusionMatrix;
import org.murmuration.worker.training.EpochReport;
import org.murmuration.worker.training.Incident;
import org.murmuration.worker.training.Position;

/** {@code report.json}: everything that a run was made of and came to. */
final class TrainReport {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Settings have no order of their own, and two reports should be easy to compare. */
  private static final ObjectMapper SORTED =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  private final JobConf conf;
  private final SparkContext spark;
  private final RunFolder folder;
  private final Instant started;
  private final Duration wall;
  private final Position resumedFrom;
  private final List<RankResult> ranks;
  private final List<Recovery.Restart> restarts;

  TrainReport(
      JobConf conf,
      SparkContext spark,
      RunFolder folder,
      Instant started,
      Duration wall,
      Position resumedFrom,
      List<RankResult> ranks,
      List<Recovery.Restart> restarts) {
    this.conf = conf;
    this.spark = spark;
    this.folder = folder;
    this.started = started;
    this.wall = wall;
    this.resumedFrom = resumedFrom;
    this.ranks = ranks;
    this.restarts = restarts;
  }

  void write(Configuration hadoop) throws IOException {
    var json = JSON.writeValueAsBytes(content());
    JobFiles.write(folder.report(), hadoop, out -> out.write(json));
  }

  private Map<String, Object> content() throws IOException {
    var training = ranks.get(0).training();
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("job", conf.name());
    report.put("started", started.toString());
    report.put("wallSeconds", wall.toMillis() / 1e3);
    report.put("worldSize", ranks.size());
    report.put("master", spark.master());
    report.put("sparkApplication", spark.applicationId());
    report.put("resumedFromEpoch", resumedFrom.epoch());
    report.put("resumedFromStep", resumedFrom.step());
    report.put("restarts", restarts.stream().map(TrainReport::restart).toList());
    report.put("startSeconds", startSeconds());
    training.lastTest().ifPresent(test -> report.put("test", test(test)));
    conf.train().best().best(training.epochs()).ifPresent(best -> report.put("best", best(best)));
    report.put("parameterChecksum", training.parameterChecksum());
    report.put(
        "everySampleOnce",
        training.epochs().stream().allMatch(epoch -> epoch.coverage().everySampleOnce()));
    report.put("incidents", incidents());
    report.put("checkpoints", training.saving());
    report.put("model", folder.model().toString());
    report.put("epochs", training.epochs().stream().map(TrainReport::epoch).toList());
    report.put("ranks", ranks.stream().map(TrainReport::rank).toList());
    report.put("versions", Versions.all(spark.version()));
    report.put("settings", SORTED.valueToTree(conf.toMap()));
    return report;
  }

  /** From the start of the driver's process to the end of the first step that counts. */
  private Double startSeconds() {
    var began = Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());
    return ranks
        .get(0)
        .firstStep()
        .map(step -> Duration.between(began, step).toMillis() / 1e3)
        .orElse(null);
  }

  /** Those of ranks that step apart are each rank's own. */
  private List<Incident> incidents() {
    return ranks.stream().flatMap(rank -> rank.training().incidents().stream()).distinct().toList();
  }

  private static Map<String, Object> restart(Recovery.Restart restart) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("reason", restart.reason());
    entry.put("fromEpoch", restart.from().epoch());
    entry.put("fromStep", restart.from().step());
    entry.put("ranks", restart.ranks());
    entry.put("seconds", restart.seconds().orElse(null));
    return entry;
  }

  static Map<String, Object> test(ConfusionMatrix matrix) {
    Map<String, Object> test = new LinkedHashMap<>();
    test.put("accuracy", matrix.accuracy());
    test.put("loss", matrix.meanLoss());
    test.put("samples", matrix.samples());
    test.put("confusionMatrix", matrix.rows());
    return test;
  }

  private Map<String, Object> best(EpochReport epoch) {
    Map<String, Object> best = new LinkedHashMap<>();
    best.put("epoch", epoch.epoch());
    best.put("testAccuracy", epoch.testAccuracy());
    best.put("testLoss", epoch.testLoss());
    if (conf.train().best().keep()) {
      best.put("model", folder.bestModel().toString());
    }
    return best;
  }

  private static Map<String, Object> epoch(EpochReport report) {
    Map<String, Object> epoch = new LinkedHashMap<>();
    epoch.put("epoch", report.epoch());
    epoch.put("steps", report.steps());
    epoch.put("samples", report.samples());
    epoch.put("sampleHash", report.coverage().hash());
    epoch.put("expectedSamples", report.coverage().expectedSamples());
    epoch.put("expectedSampleHash", report.coverage().expectedHash());
    epoch.put("everySampleOnce", report.coverage().everySampleOnce());
    epoch.put("loss", report.loss());
    epoch.put("testLoss", orNull(report.testLoss()));
    epoch.put("testAccuracy", orNull(report.testAccuracy()));
    epoch.put("imagesPerSecond", report.imagesPerSecond());
    epoch.put("wallSeconds", report.wallSeconds());
    epoch.put("computeSeconds", report.computeSeconds());
    epoch.put("exposedCommunicationSeconds", report.exposedCommunicationSeconds());
    epoch.put("hiddenCommunicationSeconds", report.hiddenCommunicationSeconds());
    epoch.put("inputSeconds", report.inputSeconds());
    epoch.put("slowestRank", report.slowest());
    epoch.put("parameterChecksum", report.parameterChecksum());
    return epoch;
  }

  /** JSON knows no NaN; an epoch that was not evaluated has null. */
  private static Double orNull(double value) {
    return Double.isNaN(value) ? null : (Double) value;
  }

  private static Map<String, Object> rank(RankResult result) {
    Map<String, Object> rank = new LinkedHashMap<>();
    rank.put("rank", result.rank());
    rank.put("host", result.host());
    rank.put("executor", result.executorId());
    rank.put("samples", result.training().samples());
    rank.put("badSamples", result.bad().size());
    rank.put("droppedFrames", result.droppedFrames());
    rank.put("backend", result.backend().backend());
    rank.put("binary", result.backend().binary());
    rank.put("oneDnn", result.backend().oneDnn());
    var computation = result.training().computation();
    rank.put("precision", computation.precision());
    rank.put("replicas", computation.replicas());
    rank.put("threadsPerReplica", computation.threads());
    rank.put("compiledLayers", computation.compiledLayers());
    rank.put("layersInDl4j", computation.dl4jLayers());
    return rank;
  }
}
