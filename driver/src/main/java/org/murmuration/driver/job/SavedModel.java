package org.murmuration.driver.job;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.JobFiles;

/** A model that a command is given. */
final class SavedModel {
  private SavedModel() {}

  /**
   * The model's path with its file system's scheme.
   *
   * @param model as it was given
   * @param option that it was given with
   * @throws IOException when there is none
   */
  static Path require(String model, String option, Configuration hadoop) throws IOException {
    var given = new Path(model);
    var files = JobFiles.fileSystem(given, hadoop);
    var path = files.makeQualified(given);
    if (!files.exists(path)) {
      throw new IOException("the model %s does not exist (%s)".formatted(path, option));
    }
    return path;
  }
}
