package org.murmuration.driver.job;

import java.io.IOException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.murmuration.driver.spark.JobRefusedException;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.training.Checkpoint;
import org.murmuration.worker.training.CheckpointStore;
import org.murmuration.worker.training.Position;
import org.murmuration.worker.training.TrainingJob;

/** The folder that a run keeps its results in, on any Hadoop file system. */
public final class RunFolder {
  /** The name of the report in the folder. */
  public static final String REPORT_FILE = "report.json";

  private static final String SUSPECTS_FILE = "suspects.csv";

  private static final String BAD_FILE = "bad.jsonl";

  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  private final Path path;
  private final Configuration hadoop;

  private RunFolder(Path path, Configuration hadoop) {
    this.path = path;
    this.hadoop = hadoop;
  }

  /**
   * The folder given with --out, or {@code runs/<name>-<time>}; made if it doesn't exist.
   *
   * @throws IOException when it can't be made or written
   */
  public static RunFolder open(Optional<String> out, String name, Configuration hadoop)
      throws IOException {
    var given =
        new Path(
            out.orElseGet(
                () ->
                    "runs/" + name + "-" + LocalDateTime.now(ZoneId.systemDefault()).format(TIME)));
    var fs = JobFiles.fileSystem(given, hadoop);
    var path = fs.makeQualified(given);
    make(fs, path);
    var folder = new RunFolder(path, hadoop);
    folder.requireWritable();
    return folder;
  }

  private static void make(FileSystem fs, Path path) throws IOException {
    try {
      if (!fs.mkdirs(path)) {
        throw new IOException("the file system refuses");
      }
    } catch (IOException e) {
      throw new IOException(
          "the output folder " + path + " can't be made (--out): " + e.getMessage(), e);
    }
  }

  /**
   * Refuses to mix two runs in one folder.
   *
   * @throws JobRefusedException when the folder holds a run that is not to be gone on with
   */
  public void requireFreeFor(boolean resume) throws IOException {
    var fs = JobFiles.fileSystem(path, hadoop);
    if (fs.exists(report()) && !resume) {
      throw new JobRefusedException(
          "the output folder " + path + " holds a finished run: choose another --out");
    }
    var checkpoints = checkpoints();
    var begun = fs.exists(checkpoints) && fs.listStatus(checkpoints).length > 0;
    if (begun && !resume) {
      throw new JobRefusedException(
          "the output folder "
              + path
              + " holds a run that has begun: add --resume to go on with it, or choose another --out");
    }
    if (!begun && resume) {
      throw new JobRefusedException(
          "there is nothing to resume: " + checkpoints + " holds no checkpoint");
    }
  }

  /**
   * How far the run was at the newest checkpoint that verifies; the start when there is none.
   *
   * @param keep how many checkpoints the run keeps
   * @param identity what the run that wants to go on says of itself
   * @param damaged is told which checkpoints are damaged and passed over, and how
   * @throws org.murmuration.worker.training.TrainingException when it belongs to another job
   */
  public Position newestCheckpoint(
      int keep, SortedMap<String, String> identity, Consumer<String> damaged) {
    return store(keep).newest(identity, damaged).map(Checkpoint::position).orElse(Position.START);
  }

  /**
   * How far the run was that another goes on with.
   *
   * @param keep how many checkpoints the run keeps
   * @param identity what the run that wants to go on says of itself
   * @param damaged is told which checkpoints are damaged and passed over, and how
   * @throws JobRefusedException when no checkpoint verifies
   * @throws org.murmuration.worker.training.TrainingException when it belongs to another job
   */
  public Position resumed(int keep, SortedMap<String, String> identity, Consumer<String> damaged) {
    var newest = newestCheckpoint(keep, identity, damaged);
    if (newest.equals(Position.START)) {
      throw new JobRefusedException(
          "there is nothing to resume: no checkpoint in %s is whole. Choose another --out to begin anew"
              .formatted(checkpoints()));
    }
    return newest;
  }

  /**
   * Removes what writers that were killed have left.
   *
   * @throws IOException when the folder can't be listed or written
   */
  void tidy() throws IOException {
    JobFiles.removeUnfinished(path, hadoop);
    store(1).removeUnfinished();
  }

  private CheckpointStore store(int keep) {
    return new CheckpointStore(checkpoints(), hadoop, keep);
  }

  private Path checkpoints() {
    return new Path(path, TrainingJob.CHECKPOINT_FOLDER);
  }

  /** The folder with its file system's scheme. */
  public Path path() {
    return path;
  }

  /** Where the report goes. */
  public Path report() {
    return new Path(path, REPORT_FILE);
  }

  /** Where the list of samples goes that couldn't be used. */
  public Path badSamples() {
    return new Path(path, BAD_FILE);
  }

  /** Where the model goes. */
  public Path model() {
    return new Path(path, TrainingJob.MODEL_FILE);
  }

  /** Where the model of the best epoch goes. */
  public Path bestModel() {
    return new Path(path, TrainingJob.BEST_MODEL_FILE);
  }

  /** Where the list of training images goes whose labels may be wrong. */
  public Path suspects() {
    return new Path(path, SUSPECTS_FILE);
  }

  private void requireWritable() throws IOException {
    var probe = new Path(path, "_probe");
    try {
      JobFiles.write(probe, hadoop, out -> out.write(new byte[] {1}));
      JobFiles.fileSystem(path, hadoop).delete(probe, false);
    } catch (IOException e) {
      throw new IOException(
          "the output folder " + path + " can't be written (--out): " + e.getMessage(), e);
    }
  }
}
