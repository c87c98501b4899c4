package org.murmuration.driver.job;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.source.Piece;

/** Where files lie. */
final class FileHosts {
  private FileHosts() {}

  /** The hosts that have the beginning of a file; none where that can't be told. */
  static List<String> of(Piece piece, Configuration hadoop) throws IOException {
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
