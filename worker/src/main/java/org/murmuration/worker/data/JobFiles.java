package org.murmuration.worker.data;

import java.io.IOException;
import java.io.OutputStream;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSError;
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
   * Writes a file whole or not at all. A file of that name is replaced.
   *
   * <p>In an object store, such as S3, a file appears when it is closed and renaming is copying, so
   * it is written under its name, and given up where it can't be finished. Elsewhere it is written
   * under another name, made durable, and only then given its name: in one step where renaming
   * replaces, as on local disks; on HDFS there is a moment without the file, but never one with
   * half of it.
   *
   * @throws IOException when it can't be written; what was begun is removed then
   */
  public static void write(Path file, Configuration hadoop, Content content) throws IOException {
    var fs = fileSystem(file, hadoop);
    // Renaming to a folder would move the file into it, and call that a success.
    if (fs.exists(file) && fs.getFileStatus(file).isDirectory()) {
      throw new IOException(file + " is a folder, and a file of this name is to be written");
    }
    try {
      if (fs.hasPathCapability(file, CommonPathCapabilities.ABORTABLE_STREAM)) {
        writeAtOnce(fs, file, content);
      } else {
        writeAndRename(fs, file, content);
      }
    } catch (FSError e) {
      // Hadoop makes an error of what goes wrong on a local disk, such as that it is full.
      throw new IOException(e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
    }
  }

  private static void writeAtOnce(FileSystem fs, Path file, Content content) throws IOException {
    var out = fs.create(file, true);
    try {
      content.writeTo(out);
    } catch (IOException | RuntimeException e) {
      // Closing it would make half of a file appear.
      out.abort();
      throw e;
    }
    out.close();
  }

  private static void writeAndRename(FileSystem fs, Path file, Content content) throws IOException {
    // A writer that was given up may still write the same file.
    var unfinished =
        new Path(file.getParent(), UNFINISHED + file.getName() + "-" + UUID.randomUUID());
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
    } catch (IOException | RuntimeException | FSError e) {
      removeAfter(e, fs, unfinished);
      throw e;
    }
  }

  /**
   * Removes what writers that were killed have left in a folder.
   *
   * @throws IOException when the folder can't be listed or written
   */
  public static void removeUnfinished(Path folder, Configuration hadoop) throws IOException {
    var fs = fileSystem(folder, hadoop);
    if (!fs.exists(folder)) {
      return;
    }
    for (var file : fs.listStatus(folder, path -> path.getName().startsWith(UNFINISHED))) {
      fs.delete(file.getPath(), false);
    }
  }

  private static void removeAfter(Throwable failure, FileSystem fs, Path unfinished) {
    try {
      fs.delete(unfinished, false);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
