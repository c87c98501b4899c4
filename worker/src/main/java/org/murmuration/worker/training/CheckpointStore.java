package org.murmuration.worker.training;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.JobFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The checkpoints of one job, in one folder of any Hadoop file system. */
public final class CheckpointStore {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
  private static final String CHECKPOINT = "epoch-%06d.ckpt";
  private static final String RANK_STATE = "epoch-%06d.rank-%d";
  private static final String EPOCH_OF_RANK_STATES = "epoch-%06d.rank-*";
  private static final Pattern NAME = Pattern.compile("epoch-(\\d{6})\\.ckpt");

  private final Path folder;
  private final Configuration hadoop;
  private final int keep;

  /**
   * @param folder where the checkpoints are; made when the first is saved
   * @param keep how many of the newest to keep, at least 1
   */
  public CheckpointStore(Path folder, Configuration hadoop, int keep) {
    this.folder = folder;
    this.hadoop = hadoop;
    this.keep = keep;
  }

  /**
   * Saves a checkpoint whole or not at all, then removes the oldest beyond those to keep. What is
   * there of later epochs, damaged or of an earlier run, neither counts nor is removed: it would
   * else push out the one just saved.
   *
   * @throws TrainingException when the folder can't be written
   */
  public void save(Checkpoint checkpoint) {
    var file = new Path(folder, CHECKPOINT.formatted(checkpoint.state().epoch()));
    try {
      JobFiles.write(file, hadoop, checkpoint::write);
      var fs = JobFiles.fileSystem(folder, hadoop);
      var upToThis =
          newestFirst().stream().dropWhile(path -> !path.getName().equals(file.getName()));
      for (var old : upToThis.skip(keep).toList()) {
        fs.delete(old, false);
        removeRankStates(old);
      }
    } catch (IOException e) {
      throw new TrainingException(
          "the checkpoint "
              + file
              + " could not be written: "
              + e.getMessage()
              + ". Is there room and write access? Older checkpoints are untouched",
          e);
    }
  }

  /**
   * The newest checkpoint that verifies. Damaged ones are named in the log and passed over.
   *
   * @param identity what the run that wants to go on says of itself
   * @return empty when there is none
   * @throws TrainingException when the newest good one belongs to another job; the message says
   *     what differs
   */
  public Optional<Checkpoint> newest(SortedMap<String, String> identity) {
    try {
      var fs = JobFiles.fileSystem(folder, hadoop);
      for (var file : newestFirst()) {
        try (var in = new BufferedInputStream(fs.open(file))) {
          var checkpoint = Checkpoint.read(in);
          requireSame(file, checkpoint.identity(), identity);
          return Optional.of(checkpoint);
        } catch (IOException e) {
          LOG.warn("checkpoint {} {}; trying an older one", file, e.getMessage());
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new TrainingException(
          "the checkpoints in " + folder + " could not be listed: " + e.getMessage(), e);
    }
  }

  /**
   * The checkpoint of an epoch.
   *
   * @param epochsDone the epochs that it comes after
   * @param identity what the run that wants to go on says of itself
   * @throws TrainingException when it can't be read here, or belongs to another job; the message
   *     says what differs
   */
  public Checkpoint at(int epochsDone, SortedMap<String, String> identity) {
    var file = new Path(folder, CHECKPOINT.formatted(epochsDone));
    try (var in = new BufferedInputStream(JobFiles.fileSystem(folder, hadoop).open(file))) {
      var checkpoint = Checkpoint.read(in);
      requireSame(file, checkpoint.identity(), identity);
      return checkpoint;
    } catch (IOException e) {
      throw new TrainingException(
          "the checkpoint %s, which training goes on from, can't be read on this host: %s. Do all executors see the same output folder? Put --out on a file system that they share"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /**
   * Saves what one rank alone knows, before the checkpoint of the epoch it belongs to.
   *
   * @throws TrainingException when the folder can't be written
   */
  public void saveRank(int epoch, int rank, RankState state) {
    var file = new Path(folder, RANK_STATE.formatted(epoch, rank));
    try {
      JobFiles.write(file, hadoop, out -> RankStateFile.write(state, out));
    } catch (IOException e) {
      throw new TrainingException(
          "the state of rank %d, %s, could not be written: %s. Is there room and write access? Older checkpoints are untouched"
              .formatted(rank, file, e.getMessage()),
          e);
    }
  }

  /**
   * What a rank alone knew at a checkpoint.
   *
   * @throws TrainingException when it is missing or damaged; the message says which
   */
  public RankState rankState(int epoch, int rank) {
    var file = new Path(folder, RANK_STATE.formatted(epoch, rank));
    try (var in = new BufferedInputStream(JobFiles.fileSystem(folder, hadoop).open(file))) {
      return RankStateFile.read(in);
    } catch (IOException e) {
      throw new TrainingException(
          "the state of rank %d at epoch %d, which this job's averaging needs to go on, can't be read: %s %s. Remove the checkpoint of that epoch to go on from an older one"
              .formatted(rank, epoch, file, e.getMessage()),
          e);
    }
  }

  private void removeRankStates(Path checkpoint) throws IOException {
    var matcher = NAME.matcher(checkpoint.getName());
    if (!matcher.matches()) {
      return;
    }
    var fs = JobFiles.fileSystem(folder, hadoop);
    var pattern = EPOCH_OF_RANK_STATES.formatted(Integer.parseInt(matcher.group(1)));
    for (var state : fs.globStatus(new Path(folder, pattern))) {
      fs.delete(state.getPath(), false);
    }
  }

  private List<Path> newestFirst() throws IOException {
    var fs = JobFiles.fileSystem(folder, hadoop);
    if (!fs.exists(folder)) {
      return List.of();
    }
    return Arrays.stream(fs.listStatus(folder))
        .map(FileStatus::getPath)
        .filter(path -> NAME.matcher(path.getName()).matches())
        .sorted(Comparator.comparing(Path::getName).reversed())
        .toList();
  }

  private static void requireSame(
      Path file, SortedMap<String, String> saved, SortedMap<String, String> current) {
    var names = new TreeSet<>(saved.keySet());
    names.addAll(current.keySet());
    List<String> differences = new ArrayList<>();
    for (var name : names) {
      var was = saved.getOrDefault(name, "absent");
      var is = current.getOrDefault(name, "absent");
      if (!was.equals(is)) {
        differences.add(name + " was " + was + ", is " + is);
      }
    }
    if (!differences.isEmpty()) {
      throw new TrainingException(
          "the checkpoint "
              + file
              + " belongs to another job: "
              + String.join("; ", differences)
              + ". Resume with the settings it was made with, or choose another --out");
    }
  }
}
