package org.murmuration.worker.bench.image;

import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.apache.spark.ml.image.ImageSchema$;
import org.murmuration.worker.data.image.ImageDecoder;
import org.murmuration.worker.data.image.ImageLimits;

/** Who decodes. */
enum Contender {
  DJPEG("djpeg, as it is started for each file; without its start, decoding alone"),
  MURMURATION("ours, decoding and resizing"),
  MURMURATION_DECODING("ours, decoding alone"),
  IMAGE_IO("javax.imageio, decoding and resizing (Java 2D, bilinear)"),
  SPARK("Spark's image source, decoding alone, as it resizes nothing");

  /** libjpeg-turbo's own program, which the others are compared with. */
  static final Contender REFERENCE = DJPEG;

  private static final long PATIENCE_SECONDS = 600;

  private final String text;

  Contender(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  /**
   * Decodes all files, and reads them first.
   *
   * @param size pixels of the square that is resized to
   * @return nanoseconds for each
   */
  double nanosPerImage(List<Path> files, int size) throws IOException {
    return switch (this) {
      case DJPEG -> djpeg(files, "") - djpeg(files, "-version");
      case MURMURATION -> timed(files, ours(size));
      case MURMURATION_DECODING -> timed(files, oursDecoding());
      case IMAGE_IO -> timed(files, encoded -> imageIo(encoded, size));
      case SPARK -> timed(files, encoded -> ImageSchema$.MODULE$.decode("", encoded).get());
    };
  }

  private interface Decoder {
    void decode(byte[] encoded) throws IOException;
  }

  private static double timed(List<Path> files, Decoder decoder) throws IOException {
    var start = System.nanoTime();
    for (var file : files) {
      decoder.decode(Files.readAllBytes(file));
    }
    return (double) (System.nanoTime() - start) / files.size();
  }

  private static Decoder ours(int size) {
    var decoder = new ImageDecoder(ImageLimits.DEFAULT, 3, 0);
    var pixels = new byte[3 * size * size];
    return encoded -> {
      try (var image = decoder.decode(encoded, size);
          var resized = image.resized(size, size)) {
        resized.copyPlanes(pixels, 0);
      }
    };
  }

  private static Decoder oursDecoding() {
    var decoder = new ImageDecoder(ImageLimits.DEFAULT, 3, 0);
    return encoded -> decoder.decode(encoded).close();
  }

  private static void imageIo(byte[] encoded, int size) throws IOException {
    var image = ImageIO.read(new ByteArrayInputStream(encoded));
    var resized = new BufferedImage(size, size, BufferedImage.TYPE_3BYTE_BGR);
    var graphics = resized.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(image, 0, 0, size, size, null);
    graphics.dispose();
  }

  private static double djpeg(List<Path> files, String option) throws IOException {
    var script =
        "for file in \"$@\"; do djpeg %s \"$file\" > /dev/null 2>&1; done".formatted(option);
    var command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    files.forEach(file -> command.add(file.toString()));
    var start = System.nanoTime();
    var process = new ProcessBuilder(command).start();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("djpeg failed; Debian has it in libjpeg-turbo-progs");
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted while waiting for djpeg", e);
    } finally {
      process.destroyForcibly();
    }
    return (double) (System.nanoTime() - start) / files.size();
  }
}
