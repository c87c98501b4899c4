package org.murmuration.worker.data.source;

import java.util.List;
import org.apache.hadoop.fs.FileStatus;

/**
 * Files that were looked for.
 *
 * @param files in the order of their paths
 * @param passedOver the paths of those that were seen and not taken
 */
public record FoundFiles(List<FileStatus> files, List<String> passedOver) {

  /** Copies the lists. */
  public FoundFiles {
    files = List.copyOf(files);
    passedOver = List.copyOf(passedOver);
  }
}
