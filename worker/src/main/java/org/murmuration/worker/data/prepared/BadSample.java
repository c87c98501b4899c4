package org.murmuration.worker.data.prepared;

import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.data.image.UndecodableImageException;
import org.murmuration.worker.data.source.Piece;
import org.murmuration.worker.data.source.RawSample;

/**
 * A sample that isn't used.
 *
 * @param path of the sample
 * @param piece the file that it is in
 * @param reason of the kind {@code TRUNCATED} or {@code DUPLICATE}
 * @param message what is wrong, as it follows the path
 * @param bytes how many bytes it has, as far as that is known
 */
public record BadSample(String path, String piece, String reason, String message, long bytes)
    implements Serializable {

  /** The reason for leaving out an image that is there already. */
  public static final String DUPLICATE = "DUPLICATE";

  /** A sample that can't be decoded. */
  public static BadSample of(RawSample sample, Piece piece, UndecodableImageException e) {
    return new BadSample(
        sample.path(), piece.path(), e.reason().name(), e.getMessage(), sample.bytes());
  }

  /** Whether there is nothing wrong with it but that it is there already. */
  public boolean repeatsAnother() {
    return reason.equals(DUPLICATE);
  }

  /**
   * Whether it may be good now, though nothing in it has changed: it couldn't be read and can be.
   */
  public boolean mayBeGoodNow(Configuration hadoop) {
    if (!reason.equals(UndecodableImageException.Reason.UNREADABLE.name())) {
      return false;
    }
    var file = new Path(path);
    try (var in = JobFiles.fileSystem(file, hadoop).open(file)) {
      return in.read() >= 0;
    } catch (IOException stillUnreadable) {
      return false;
    }
  }

  /** As a person reads it. */
  public String describe() {
    return "%s: %s".formatted(path, message);
  }
}
