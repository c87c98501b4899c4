package org.murmuration.worker.data.prepared;

import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.data.Split;

/**
 * Writes the parts of a prepared data set.
 *
 * @param folder in which it is put together
 */
public record PartWriter(String folder) implements Serializable {

  /**
   * What a part holds.
   *
   * @param rows how many
   * @param sums of their pixels
   * @param samplesPerClass by name of the class
   */
  public record Report(long rows, ChannelSums sums, SortedMap<String, Long> samplesPerClass)
      implements Serializable {}

  /** What a split is called in files. */
  public static String name(Split split) {
    return split.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Writes a part; a part of that name that another attempt has left is replaced.
   *
   * @param split {@code train} or {@code test}
   * @param part its number in the split
   * @param rows in their order
   * @param channels of each
   * @param attempt what no other task is called
   */
  public Report write(
      String split,
      int part,
      Iterator<PreparedRow> rows,
      int channels,
      String attempt,
      Configuration configuration)
      throws IOException {
    var parts = new Path(folder, split);
    var unfinished = new Path(parts, "_part-%05d-%s".formatted(part, attempt));
    var sums = ChannelSums.none(channels);
    var perClass = new TreeMap<String, Long>();
    long count = 0;
    try (var writer = new PreparedFile(unfinished, configuration).create()) {
      while (rows.hasNext()) {
        var row = rows.next();
        writer.write(row);
        sums = sums.plus(row.statistics());
        perClass.merge(row.labelName(), 1L, Long::sum);
        count++;
      }
    }
    var file = new Path(parts, "part-%05d.parquet".formatted(part));
    var fileSystem = JobFiles.fileSystem(file, configuration);
    fileSystem.delete(file, false);
    if (!fileSystem.rename(unfinished, file)) {
      throw new IOException("could not rename " + unfinished + " to " + file);
    }
    return new Report(count, sums, perClass);
  }
}
