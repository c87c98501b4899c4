package org.murmuration.driver.job;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.conf.JobConf;
import org.murmuration.driver.spark.BarrierStage;
import org.murmuration.driver.spark.Demand;
import org.murmuration.driver.spark.JobRefusedException;
import org.murmuration.driver.spark.Slots;
import org.murmuration.driver.ui.DownloadDisplay;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.training.ConfusionMatrix;

/** {@code evaluate}: a saved model on the test images of a job. */
public final class EvaluateJob {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final JobConf conf;
  private final String model;
  private final long modelBytes;
  private final DataSetup data;
  private final Optional<String> resultFile;
  private final PrintStream out;

  private EvaluateJob(
      JobConf conf,
      Path model,
      long modelBytes,
      DataSetup data,
      Optional<String> resultFile,
      PrintStream out) {
    this.conf = conf;
    this.model = model.toString();
    this.modelBytes = modelBytes;
    this.data = data;
    this.resultFile = resultFile;
    this.out = out;
  }

  /**
   * Finds model and images, before any executor is asked for.
   *
   * @param model the model.zip
   * @param resultFile where to write the result as JSON, or empty
   * @throws IOException when model or images are missing
   */
  public static EvaluateJob prepare(
      JobConf conf,
      String model,
      Optional<String> resultFile,
      Configuration hadoop,
      PrintStream out)
      throws IOException {
    var path = SavedModel.require(model, "--model", hadoop);
    var data = DataLocator.locate(conf.data(), hadoop, new DownloadDisplay(out, false)::show);
    var bytes = JobFiles.fileSystem(path, hadoop).getFileStatus(path).getLen();
    return new EvaluateJob(conf, path, bytes, data, resultFile, out);
  }

  /** What the job asks of the cluster. */
  public Demand demand() {
    return new Demand(
        conf.name(),
        conf.train().ranks().least(),
        conf.train().computation().threads(),
        Optional.of(RankNeed.ofEvaluation(conf, modelBytes)));
  }

  /**
   * Runs the job to its end.
   *
   * @throws IOException when the result can't be written
   */
  public void run(JavaSparkContext spark) throws IOException {
    var hadoop = spark.hadoopConfiguration();
    var slots = new Slots(spark.sc(), word -> out.println("waiting     " + word));
    var ranks = conf.train().ranks().least().orElseGet(slots::promised);
    slots.await(ranks, conf.cluster().slotsTimeout());
    var configuration = spark.broadcast(new SerializableConfiguration(hadoop));
    var index = DataIndex.of(data, spark, configuration);
    if (!index.hasTest()) {
      throw new JobRefusedException(
          "there are no test images to evaluate on; set data.test-path, or preprocess.test-fraction for what is prepared");
    }
    var rankData = spark.broadcast(RankData.of(conf, data, index));
    var dealer =
        new SampleDealer(
            spark, rankData, configuration, ranks, conf.data().rereadLimitBytes(), false);
    var task =
        new EvaluateTask(
            model,
            rankData,
            dealer.ranksReadTest(),
            BadSamples.of(conf.data().maxBad(), index.samples()),
            TrainSetup.averaging(conf),
            UUID.randomUUID().getMostSignificantBits(),
            conf.train().computation(),
            conf.evaluate().batchSize(),
            configuration);
    var results = new BarrierStage(spark).run(dealer.evaluation(), task);
    var matrix = results.get(0).matrix();
    print(matrix, index.classes().names());
    results.stream()
        .flatMap(result -> result.bad().stream())
        .forEach(bad -> out.printf("not used: %s%n", bad.describe()));
    if (resultFile.isPresent()) {
      var json = JSON.writeValueAsBytes(TrainReport.test(matrix));
      JobFiles.write(new Path(resultFile.get()), hadoop, stream -> stream.write(json));
    }
  }

  private void print(ConfusionMatrix matrix, List<String> names) {
    out.printf("%-12s%10s   taken for, by number of the class%n", "class", "right");
    for (int actual = 0; actual < matrix.classes(); actual++) {
      long all = 0;
      var row = new StringBuilder();
      for (int predicted = 0; predicted < matrix.classes(); predicted++) {
        all += matrix.count(actual, predicted);
        row.append("%6d".formatted(matrix.count(actual, predicted)));
      }
      out.printf(
          "%d %-10s%8.2f %% %s%n",
          actual, names.get(actual), 100.0 * matrix.count(actual, actual) / all, row);
    }
    out.printf(
        "test accuracy %.2f %%, loss %.4f, on %,d images%n",
        100 * matrix.accuracy(), matrix.meanLoss(), matrix.samples());
  }
}
