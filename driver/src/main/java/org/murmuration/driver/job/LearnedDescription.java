package org.murmuration.driver.job;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.murmuration.driver.spark.JobRefusedException;
import org.murmuration.worker.model.LearnedLayers;
import org.murmuration.worker.model.LearnedLayers.Learned;
import org.murmuration.worker.training.ModelFile;

/** {@code describe --learned}: what the preprocessing in a saved model has learned. */
public final class LearnedDescription {
  private LearnedDescription() {}

  /**
   * A table of what was learned beside what it started from.
   *
   * @param model the model.zip, on any Hadoop file system
   * @throws IOException when there is no such model
   */
  public static String of(String model, Configuration hadoop) throws IOException {
    var path = SavedModel.require(model, "--learned", hadoop);
    return table(LearnedLayers.of(ModelFile.readGraph(path, hadoop)));
  }

  /**
   * Draws the filters that started as something known, as they were and as they are.
   *
   * @param model the model.zip, on any Hadoop file system
   * @param picture the PNG file to write, on any Hadoop file system
   * @throws IOException when there is no such model, or the picture can't be written
   */
  public static void draw(String model, String picture, Configuration hadoop) throws IOException {
    var path = SavedModel.require(model, "--learned", hadoop);
    var filters = LearnedLayers.filters(ModelFile.readGraph(path, hadoop));
    if (filters.isEmpty()) {
      throw new JobRefusedException(
          "--picture shows filters that started as something known, and the model %s has none; see gabor-conv in reference.conf"
              .formatted(model));
    }
    FilterPicture.write(filters, new Path(picture), hadoop);
  }

  private static String table(List<Learned> learned) {
    if (learned.isEmpty()) {
      return "none of the model's layers learns preprocessing; see channel-affine, color-transform, tone-curve and gabor-conv in reference.conf%n"
          .formatted();
    }
    var text = new StringBuilder("%-18s %-14s %10s %10s%n".formatted("layer", "", "start", "now"));
    for (var value : learned) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-18s %-14s %10.4f %10.4f%n",
              value.layer(),
              value.parameter(),
              value.start(),
              value.now()));
    }
    return text.toString();
  }
}
