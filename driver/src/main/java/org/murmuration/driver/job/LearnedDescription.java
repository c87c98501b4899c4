package org.murmuration.driver.job;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.murmuration.driver.spark.JobRefusedException;
import org.murmuration.worker.data.JobFiles;
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
   * Draws the filters that started as something known, as they were and as they are, and below them
   * tone curves.
   *
   * @param model the model.zip, on any Hadoop file system
   * @param picture the PNG file to write, on any Hadoop file system
   * @throws IOException when there is no such model, or the picture can't be written
   */
  public static void draw(String model, String picture, Configuration hadoop) throws IOException {
    var path = SavedModel.require(model, "--learned", hadoop);
    var graph = ModelFile.readGraph(path, hadoop);
    var filters = LearnedLayers.filters(graph);
    var curves = LearnedLayers.curves(graph);
    if (filters.isEmpty() && curves.isEmpty()) {
      throw new JobRefusedException(
          "--picture shows filters that started as something known, and curves, and the model %s has none; see gabor-conv and tone-curve in reference.conf"
              .formatted(model));
    }
    List<BufferedImage> parts = new ArrayList<>();
    if (!filters.isEmpty()) {
      parts.add(FilterPicture.draw(filters));
    }
    if (!curves.isEmpty()) {
      parts.add(CurvePicture.draw(curves));
    }
    var bytes = new ByteArrayOutputStream();
    ImageIO.write(stacked(parts), "png", bytes);
    JobFiles.write(new Path(picture), hadoop, bytes::writeTo);
  }

  private static BufferedImage stacked(List<BufferedImage> parts) {
    int width = parts.stream().mapToInt(BufferedImage::getWidth).max().orElseThrow();
    int height = parts.stream().mapToInt(BufferedImage::getHeight).sum();
    var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    var graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, width, height);
    int top = 0;
    for (var part : parts) {
      graphics.drawImage(part, 0, top, null);
      top += part.getHeight();
    }
    graphics.dispose();
    return image;
  }

  private static String table(List<Learned> learned) {
    if (learned.isEmpty()) {
      return "none of the model's layers learns preprocessing; see channel-affine, color-transform, whiten, tone-curve, learned-augment and gabor-conv in reference.conf%n"
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
