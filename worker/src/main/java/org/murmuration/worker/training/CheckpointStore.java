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
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.JobFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one job, in one folder of any Hadoop file system: {@code epoch-000002.ckpt}
 * after two epochs, {@code epoch-000002.step-000000120.ckpt} after 120 steps of the third.
 */
public final class CheckpointStore {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
  private static final String AFTER_EPOCH = "epoch-%06d.ckpt";
  private static final String AFTER_STEP = "epoch-%06d.step-%09d.ckpt";
  private static final Pattern NAME = Pattern.compile("epoch-(\\d{6})(?:\\.step-(\\d{9}))?\\.ckpt");

  private final Path folder;
  private final Configuration hadoop;
  private final int keep;

  private record Saved(Position position, Path file) {
    static Stream<Saved> of(Path file) {
      var name = NAME.matcher(file.getName());
      if (!name.matches()) {
        return Stream.empty();
      }
      int step = name.group(2) == null ? 0 : Integer.parseInt(name.group(2));
      return Stream.of(new Saved(new Position(Integer.parseInt(name.group(1)), step), file));
    }
  }

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
   * there of later positions, damaged or of an earlier run, neither counts nor is removed: it would
   * else push out the one just saved.
   *
   * @param best another one to keep; empty for none
   * @param ranks what only single ranks know
   * @throws TrainingException when the folder can't be written
   */
  void save(Checkpoint checkpoint, Optional<Position> best, Checkpoint.RankStates ranks) {
    var position = checkpoint.position();
    var file = file(position);
    try {
      JobFiles.write(file, hadoop, out -> checkpoint.write(out, ranks));
      var fs = JobFiles.fileSystem(folder, hadoop);
      var old =
          newestFirst().stream()
              .filter(saved -> saved.position.compareTo(position) <= 0)
              .skip(keep)
              .filter(saved -> best.filter(saved.position::equals).isEmpty())
              .toList();
      for (var saved : old) {
        fs.delete(saved.file, false);
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
   * Removes what writers that were killed have left.
   *
   * @throws IOException when the folder can't be listed or written
   */
  public void removeUnfinished() throws IOException {
    JobFiles.removeUnfinished(folder, hadoop);
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
    return newest(identity, damaged -> LOG.warn("{}; trying an older one", damaged));
  }

  /**
   * The same.
   *
   * @param damaged is told which are damaged, and how
   */
  public Optional<Checkpoint> newest(SortedMap<String, String> identity, Consumer<String> damaged) {
    try {
      var fs = JobFiles.fileSystem(folder, hadoop);
      for (var saved : newestFirst()) {
        try (var in = new BufferedInputStream(fs.open(saved.file))) {
          var checkpoint = Checkpoint.read(in, Inheritance.ofNobody());
          requireSame(saved.file, checkpoint.identity(), identity);
          return Optional.of(checkpoint);
        } catch (IOException e) {
          damaged.accept("checkpoint %s %s".formatted(saved.file, e.getMessage()));
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new TrainingException(
          "the checkpoints in " + folder + " could not be listed: " + e.getMessage(), e);
    }
  }

  /**
   * The checkpoint of a position.
   *
   * @param identity what the run that wants to go on says of itself
   * @param heir takes what it wants of what single ranks knew
   * @throws TrainingException when it can't be read here, or belongs to another job; the message
   *     says what differs
   */
  Checkpoint at(Position position, SortedMap<String, String> identity, Inheritance heir) {
    var file = file(position);
    try (var in = new BufferedInputStream(JobFiles.fileSystem(folder, hadoop).open(file))) {
      var checkpoint = Checkpoint.read(in, heir);
      requireSame(file, checkpoint.identity(), identity);
      return checkpoint;
    } catch (IOException e) {
      throw new TrainingException(
          "the checkpoint %s, which training goes on from, can't be read on this host: %s. Do all executors see the same output folder? Put --out on a file system that they share"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private Path file(Position position) {
    return new Path(
        folder,
        position.step() == 0
            ? AFTER_EPOCH.formatted(position.epoch())
            : AFTER_STEP.formatted(position.epoch(), position.step()));
  }

  private List<Saved> newestFirst() throws IOException {
    var fs = JobFiles.fileSystem(folder, hadoop);
    if (!fs.exists(folder)) {
      return List.of();
    }
    return Arrays.stream(fs.listStatus(folder))
        .map(FileStatus::getPath)
        .flatMap(Saved::of)
        .sorted(Comparator.comparing(Saved::position).reversed())
        .toList();
  }

  private static void requireSame(
      Path file, SortedMap<String, String> saved, SortedMap<String, String> current) {
    var names = new TreeSet<>(saved.keySet());
    names.addAll(current.keySet());
    if (!current.containsKey(TrainingJob.DATA)) {
      // Asked before the data is known.
      names.remove(TrainingJob.DATA);
    }
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
