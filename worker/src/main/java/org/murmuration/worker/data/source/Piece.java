package org.murmuration.worker.data.source;

import java.io.Serializable;
import org.apache.hadoop.fs.FileStatus;

/**
 * A part of a data set that is read at once: a file with one image or with many.
 *
 * @param path the file, as Hadoop's file system writes it
 * @param bytes its length
 * @param modified when it was last written, in ms since 1970
 * @param label the label of all its samples where that isn't inside of it, or ""
 * @param companion a second file that belongs to it, such as that of its labels or its mask, or ""
 */
public record Piece(String path, long bytes, long modified, String label, String companion)
    implements Serializable {

  /** A file whose labels are inside of it. */
  static Piece of(FileStatus file) {
    return labelled(file, "");
  }

  /** A file with one label. */
  static Piece labelled(FileStatus file, String label) {
    return new Piece(
        file.getPath().toString(), file.getLen(), file.getModificationTime(), label, "");
  }

  /** The same with a second file. */
  Piece with(String second) {
    return new Piece(path, bytes, modified, label, second);
  }
}
