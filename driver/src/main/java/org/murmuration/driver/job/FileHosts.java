package org.murmuration.driver.job;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.murmuration.driver.spark.SparkTasks;
import org.murmuration.worker.data.source.Piece;

/** Where files lie. */
final class FileHosts {
  private FileHosts() {}

  /**
   * Items, each to be worked on where its first file lies.
   *
   * @param first the first file of an item
   */
  static <T> List<SparkTasks.Placed<T>> placed(
      List<T> items, Function<T, Piece> first, Configuration hadoop) throws IOException {
    List<SparkTasks.Placed<T>> placed = new ArrayList<>();
    for (var item : items) {
      placed.add(new SparkTasks.Placed<>(item, of(first.apply(item), hadoop)));
    }
    return placed;
  }

  /** The hosts that have the beginning of a file; none where that can't be told. */
  private static List<String> of(Piece piece, Configuration hadoop) throws IOException {
    if (piece.bytes() == 0) {
      return List.of();
    }
    var path = new Path(piece.path());
    try {
      var blocks = path.getFileSystem(hadoop).getFileBlockLocations(path, 0, 1);
      return blocks.length == 0 ? List.of() : List.of(blocks[0].getHosts());
    } catch (FileNotFoundException e) {
      // Whoever reads it finds that out, and says so.
      return List.of();
    }
  }
}
