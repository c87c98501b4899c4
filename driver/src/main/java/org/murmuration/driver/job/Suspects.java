package org.murmuration.driver.job;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.murmuration.driver.spark.SparkTasks;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.data.source.Piece;
import org.murmuration.worker.training.Suspect;

/** Names the training samples whose labels may be wrong. */
final class Suspects {
  private static final int PIECES_PER_TASK = 256;

  private static final CSVFormat CSV =
      CSVFormat.RFC4180
          .builder()
          .setHeader("path", "label", "predicted", "loss")
          .setRecordSeparator('\n')
          .build();

  private final DataSetup data;
  private final DataIndex index;
  private final JavaSparkContext spark;
  private final Broadcast<SerializableConfiguration> hadoop;

  Suspects(
      DataSetup data,
      DataIndex index,
      JavaSparkContext spark,
      Broadcast<SerializableConfiguration> hadoop) {
    this.data = data;
    this.index = index;
    this.spark = spark;
    this.hadoop = hadoop;
  }

  /** Samples of a piece, by their index in it. */
  private record Wanted(Piece piece, long first, Set<Long> indices) implements Serializable {}

  /**
   * Writes a table of path, label, what the network took it for, and mean loss, the highest first.
   *
   * @param share of all samples that could be used
   */
  void write(List<RankResult> results, double share, Path file) throws IOException {
    long samples = results.stream().mapToLong(result -> result.training().samples()).sum();
    var worst =
        results.stream()
            .flatMap(result -> result.training().suspects().stream())
            .sorted(
                Comparator.comparingDouble(Suspect::loss)
                    .reversed()
                    .thenComparingLong(Suspect::number))
            .limit((long) Math.ceil(share * samples))
            .toList();
    var paths = paths(worst);
    JobFiles.write(file, spark.hadoopConfiguration(), out -> write(worst, paths, out));
  }

  /** What samples are called is in their pieces, which are read once more. */
  private Map<Long, String> paths(List<Suspect> suspects) throws IOException {
    var setup = data;
    var configuration = hadoop;
    var found =
        new SparkTasks(spark)
            .run(
                "naming suspects",
                wanted(suspects),
                (List<Wanted> wanted) -> paths(wanted, setup, configuration.value()),
                done -> {});
    Map<Long, String> paths = new HashMap<>();
    found.forEach(paths::putAll);
    return paths;
  }

  private static Map<Long, String> paths(
      List<Wanted> pieces, DataSetup data, SerializableConfiguration hadoop) throws IOException {
    Map<Long, String> paths = new HashMap<>();
    var source = data.open(hadoop.value());
    for (var wanted : pieces) {
      source.read(
          wanted.piece(),
          sample -> {
            if (wanted.indices().contains(sample.index())) {
              paths.put(wanted.first() + sample.index(), sample.path());
            }
          });
    }
    return paths;
  }

  /** Many pieces are files of one image, so a task takes several. */
  private List<SparkTasks.Placed<List<Wanted>>> wanted(List<Suspect> suspects) throws IOException {
    var pieces = new TreeMap<Long, Piece>();
    long first = 0;
    for (int i = 0; i < index.train().pieces().size(); i++) {
      // Pieces without samples have the number of the next, which takes their place.
      pieces.put(first, index.train().pieces().get(i));
      first += index.train().counts()[i];
    }
    var indices = new TreeMap<Long, Set<Long>>();
    for (var suspect : suspects) {
      long begin = pieces.floorKey(suspect.number());
      indices.computeIfAbsent(begin, any -> new TreeSet<>()).add(suspect.number() - begin);
    }
    List<List<Wanted>> tasks = new ArrayList<>();
    for (var entry : indices.entrySet()) {
      if (tasks.isEmpty() || tasks.get(tasks.size() - 1).size() == PIECES_PER_TASK) {
        tasks.add(new ArrayList<>());
      }
      tasks
          .get(tasks.size() - 1)
          .add(new Wanted(pieces.get(entry.getKey()), entry.getKey(), entry.getValue()));
    }
    return FileHosts.placed(tasks, task -> task.get(0).piece(), spark.hadoopConfiguration());
  }

  private void write(List<Suspect> suspects, Map<Long, String> paths, OutputStream out)
      throws IOException {
    var names = index.classes().names();
    var printer = new CSVPrinter(new OutputStreamWriter(out, StandardCharsets.UTF_8), CSV);
    for (var suspect : suspects) {
      printer.printRecord(
          paths.get(suspect.number()),
          names.get(suspect.label()),
          names.get(suspect.predicted()),
          (float) suspect.loss());
    }
    printer.flush();
  }
}
