package org.murmuration.driver.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.security.AccessControlException;

/**
 * Local files, of which those may not be read that have a lock beside them; so root can test it.
 */
public final class GuardedFileSystem extends LocalFileSystem {
  private static final String LOCK = ".lock";

  /**
   * Forbids to read a file.
   *
   * @return what to delete to allow it again
   */
  static Path guard(Path file) throws IOException {
    return Files.createFile(lock(file.toString()));
  }

  /** Hidden, so that it isn't taken for an image. */
  private static Path lock(String file) {
    var path = Path.of(file);
    return path.resolveSibling("." + path.getFileName() + LOCK);
  }

  /** Hadoop makes it by this name. */
  public GuardedFileSystem() {
    super(new Guarded());
  }

  private static final class Guarded extends RawLocalFileSystem {
    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path file, int bufferSize)
        throws IOException {
      if (Files.exists(lock(file.toUri().getPath()))) {
        throw new AccessControlException("Permission denied: user=somebody, access=READ");
      }
      return super.open(file, bufferSize);
    }
  }
}
