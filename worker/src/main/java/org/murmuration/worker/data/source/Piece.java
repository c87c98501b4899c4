package org.murmuration.worker.data.source;

import java.io.Serializable;

/**
 * A part of a data set that is read at once: a file with one image or with many.
 *
 * @param path the file, as Hadoop's file system writes it
 * @param bytes its length
 * @param modified when it was last written, in ms since 1970
 * @param label the label of all its samples where that isn't inside of it, or ""
 * @param mask the file with the classes of its pixels, or ""
 */
public record Piece(String path, long bytes, long modified, String label, String mask)
    implements Serializable {

  /** A piece whose labels are inside of it. */
  static Piece of(org.apache.hadoop.fs.FileStatus file) {
    return labelled(file, "");
  }

  /** A piece with one label. */
  static Piece labelled(org.apache.hadoop.fs.FileStatus file, String label) {
    return new Piece(
        file.getPath().toString(), file.getLen(), file.getModificationTime(), label, "");
  }
}
