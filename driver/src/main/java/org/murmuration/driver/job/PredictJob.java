package org.murmuration.driver.job;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.spark.RankMemory;
import org.murmuration.driver.spark.Slots;
import org.murmuration.driver.spark.SparkTasks;
import org.murmuration.worker.accel.NativeBackend;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.data.prepared.Chunk;
import org.murmuration.worker.data.source.ImageFiles;
import org.murmuration.worker.data.source.Piece;
import org.murmuration.worker.data.source.RawImage;
import org.murmuration.worker.data.source.SourceFiles;
import org.murmuration.worker.training.ModelFile;
import org.murmuration.worker.training.Predictor;
import org.murmuration.worker.training.Predictor.Prediction;

/** {@code predict}: what a saved model takes images for. */
public final class PredictJob {
  private static final CSVFormat CSV =
      CSVFormat.RFC4180
          .builder()
          .setHeader("path", "class", "probability", "trouble")
          .setRecordSeparator('\n')
          .build();

  /** There is no job file that would say another one. */
  private static final Duration SLOTS_TIMEOUT = Duration.ofMinutes(1);

  private final String model;
  private final List<Piece> files;
  private final Optional<String> table;
  private final PrintStream out;
  private final PrintStream err;

  private PredictJob(
      String model, List<Piece> files, Optional<String> table, PrintStream out, PrintStream err) {
    this.model = model;
    this.files = files;
    this.table = table;
    this.out = out;
    this.err = err;
  }

  /** What a task takes beside the Java heap. */
  public static RankMemory memory() {
    return RankNeed.ofDecoding();
  }

  /**
   * Finds model and images, before any executor is asked for.
   *
   * @param model the model.zip
   * @param places files, folders or globs
   * @param table where the table goes, or empty for {@code out}
   * @param out for the table
   * @param err for how many there were
   * @throws IOException when model or images are missing
   */
  public static PredictJob prepare(
      String model,
      List<String> places,
      Optional<String> table,
      Configuration hadoop,
      PrintStream out,
      PrintStream err)
      throws IOException {
    var path = SavedModel.require(model, "--model", hadoop);
    List<Piece> files = new ArrayList<>();
    for (var place : places) {
      files.addAll(ImageFiles.find(place, hadoop));
    }
    return new PredictJob(path.toString(), files, table, out, err);
  }

  /**
   * Runs the job to its end.
   *
   * @throws IOException when the table can't be written
   */
  public void run(JavaSparkContext spark) throws IOException {
    new Slots(spark.sc(), word -> err.println("waiting     " + word)).awaitAny(SLOTS_TIMEOUT);
    var hadoop = spark.hadoopConfiguration();
    var configuration = spark.broadcast(new SerializableConfiguration(hadoop));
    var file = model;
    long most = PreprocessPlan.costPerTask(files, spark.defaultParallelism());
    var chunks =
        FileHosts.placed(Chunk.pack("", files, most), chunk -> chunk.pieces().get(0), hadoop);
    var predictions =
        new SparkTasks(spark)
            .run(
                "predicting",
                chunks,
                (Chunk chunk) -> predict(file, chunk, configuration.value().value()),
                done -> {});
    var all = predictions.stream().flatMap(chunk -> chunk.predictions.stream()).toList();
    if (table.isPresent()) {
      JobFiles.write(new Path(table.get()), hadoop, stream -> write(all, stream));
    } else {
      write(all, out);
    }
    err.printf(
        "%,d images, %,d of which can't be used%n",
        all.size(), all.stream().filter(p -> !p.trouble().isEmpty()).count());
    long otherwise = predictions.stream().filter(chunk -> !chunk.asEvaluated).count();
    if (otherwise > 0) {
      err.printf(
          "%,d of %,d tasks ran on a processor without the precision that the model was evaluated in, and took fp32: probabilities may differ in the third digit%n",
          otherwise, predictions.size());
    }
  }

  /**
   * What a task found.
   *
   * @param asEvaluated whether it computed in the precision that the model was evaluated in
   */
  private record Done(List<Prediction> predictions, boolean asEvaluated) implements Serializable {}

  private static Done predict(String model, Chunk chunk, Configuration hadoop) throws IOException {
    NativeBackend.prepare(1);
    var file = ModelFile.read(new Path(model), hadoop);
    var files =
        new SourceFiles(Optional.empty(), Optional.empty(), file.use().image().limits(), hadoop);
    try (var predictor = new Predictor(file)) {
      var images = chunk.pieces().stream().map(piece -> new ImageFile(piece, files)).toList();
      return new Done(predictor.predict(images), predictor.precision() == file.use().precision());
    }
  }

  /** An image that is a file. */
  private record ImageFile(Piece piece, SourceFiles files) implements Predictor.Image {
    @Override
    public String path() {
      return piece.path();
    }

    @Override
    public RawImage read() throws IOException {
      return files.image(piece.path(), piece.bytes());
    }
  }

  private static void write(List<Prediction> predictions, OutputStream stream) throws IOException {
    var writer = new OutputStreamWriter(stream, StandardCharsets.UTF_8);
    var printer = new CSVPrinter(writer, CSV);
    for (var prediction : predictions) {
      printer.printRecord(
          prediction.path(),
          prediction.label(),
          prediction.trouble().isEmpty() ? prediction.probability() : "",
          prediction.trouble());
    }
    printer.flush();
  }
}
