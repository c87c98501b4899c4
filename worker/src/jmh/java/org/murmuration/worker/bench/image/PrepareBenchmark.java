package org.murmuration.worker.bench.image;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.murmuration.worker.bench.Host;
import org.murmuration.worker.bench.Median;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.image.Colors;
import org.murmuration.worker.data.image.ImageLimits;
import org.murmuration.worker.data.prepared.Chunk;
import org.murmuration.worker.data.prepared.ChunkFolder;
import org.murmuration.worker.data.prepared.Fit;
import org.murmuration.worker.data.prepared.ImageTransform;
import org.murmuration.worker.data.prepared.Keeping;
import org.murmuration.worker.data.prepared.Preparation;
import org.murmuration.worker.data.source.FolderSource;
import org.murmuration.worker.data.source.SourceFiles;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Times what one task of preprocess does with the images of a folder of classes, on one thread. */
@Command(
    name = "prepare",
    mixinStandardHelpOptions = true,
    description = "Times reading, decoding, resizing, checking and writing images into a chunk.")
final class PrepareBenchmark implements Callable<Integer> {
  private static final double NANOS_PER_SECOND = 1e9;

  @Option(
      names = "--files",
      paramLabel = "<folder>",
      required = true,
      description = "with a folder of images for each class")
  private Path folder;

  @Option(
      names = "--size",
      paramLabel = "<pixels>",
      defaultValue = "224",
      description = "of the square; default: ${DEFAULT-VALUE}")
  private int size;

  @Option(
      names = "--rounds",
      paramLabel = "<n>",
      defaultValue = "5",
      description = "how often each; default: ${DEFAULT-VALUE}")
  private int rounds;

  private final PrintStream out = System.out;

  /** Runs the command. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new PrepareBenchmark()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    out.printf(
        "%s, Java %s, %s%n",
        Host.processor(), Runtime.version(), LocalDate.now(ZoneId.systemDefault()));
    for (var keeping : Keeping.values()) {
      List<Double> rates = new ArrayList<>();
      for (int round = 0; round <= rounds; round++) {
        var rate = imagesPerSecond(keeping);
        // The first round is for Java's compiler.
        if (round > 0) {
          rates.add(rate);
        }
      }
      out.printf(
          "%s: %.0f images/s on one thread, median of %d rounds%n",
          keeping, Median.of(rates.stream().mapToDouble(Double::doubleValue)), rounds);
    }
    return 0;
  }

  private double imagesPerSecond(Keeping keeping) throws IOException {
    var hadoop = new Configuration(false);
    var source =
        new FolderSource(
            new SourceFiles(
                Optional.of("file:" + folder.toAbsolutePath()),
                Optional.empty(),
                ImageLimits.DEFAULT,
                hadoop));
    var chunk = new Chunk("", source.list(Split.TRAIN).pieces());
    var transform = new ImageTransform(size, size, Colors.RGB, Fit.CROP, 0, ImageLimits.DEFAULT);
    var target = Files.createTempDirectory("prepare");
    try {
      long start = System.nanoTime();
      var report =
          new ChunkFolder("file:" + target)
              .prepare(chunk, source, new Preparation(transform, keeping), "0", hadoop);
      return report.rows() * NANOS_PER_SECOND / (System.nanoTime() - start);
    } finally {
      try (var files = Files.walk(target)) {
        for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
