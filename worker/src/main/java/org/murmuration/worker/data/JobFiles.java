package org.murmuration.worker.data;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** Writes files of a job through Hadoop's FileSystem so that a reader never sees half of one. */
public final class JobFiles {
  private static final String UNFINISHED = "_unfinished-";

  private JobFiles() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** The path's file system; on local disks without the checksum files that Hadoop lays beside. */
  public static FileSystem fileSystem(Path path, Configuration hadoop) throws IOException {
    var fs = path.getFileSystem(hadoop);
    return fs instanceof LocalFileSystem local ? local.getRawFileSystem() : fs;
  }

  /**
   * Writes a file under another name, makes it durable, and only then gives it its name. A file of
   * that name is replaced: in one step where renaming replaces, as on local disks; elsewhere, as on
   * HDFS, there is a moment without the file, but never one with half of it.
   *
   * @throws IOException when it can't be written; the unfinished file is removed then
   */
  public static void write(Path file, Configuration hadoop, Content content) throws IOException {
    var fs = fileSystem(file, hadoop);
    // Renaming to a folder would move the file into it, and call that a success.
    if (fs.exists(file) && fs.getFileStatus(file).isDirectory()) {
      throw new IOException(file + " is a folder, and a file of this name is to be written");
    }
    var unfinished = new Path(file.getParent(), UNFINISHED + file.getName());
    try {
      try (var out = fs.create(unfinished, true)) {
        content.writeTo(out);
        out.hsync();
      }
      if (!fs.rename(unfinished, file)) {
        fs.delete(file, false);
        if (!fs.rename(unfinished, file)) {
          throw new IOException("could not rename " + unfinished + " to " + file);
        }
      }
    } catch (IOException | RuntimeException e) {
      removeAfter(e, fs, unfinished);
      throw e;
    }
  }

  private static void removeAfter(Exception failure, FileSystem fs, Path unfinished) {
    try {
      fs.delete(unfinished, false);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
