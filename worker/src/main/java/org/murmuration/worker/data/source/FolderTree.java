package org.murmuration.worker.data.source;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.BadDataException;

/**
 * Everything below a folder, in the order of the paths, without what is hidden: names that begin
 * with a dot or an underscore, as for all of Hadoop. Links are followed.
 */
final class FolderTree {
  /** Deeper than any data set, and soon reached by a link that leads back. */
  private static final int DEEPEST = 32;

  /** What the JVM puts where a file's name has bytes that its encoding doesn't know. */
  private static final char UNREADABLE = '\uFFFD';

  private final FileSystem fileSystem;

  FolderTree(FileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  /** The files at any depth below a folder; a file is its own tree. */
  List<FileStatus> files(FileStatus root) throws IOException {
    List<FileStatus> found = new ArrayList<>();
    collect(root, 0, found);
    return found;
  }

  /**
   * What a path names: one file or folder, or all that its glob matches, in the order of the paths.
   *
   * @return nothing if it is neither there nor a glob
   */
  Optional<List<FileStatus>> named(Path path) throws IOException {
    try {
      // A name may have brackets in it, and still be no glob.
      return Optional.of(List.of(fileSystem.getFileStatus(path)));
    } catch (FileNotFoundException notByName) {
      return Optional.ofNullable(fileSystem.globStatus(path))
          .map(
              matches ->
                  Stream.of(matches)
                      .filter(match -> !isHidden(match))
                      .sorted(Comparator.comparing(match -> match.getPath().toString()))
                      .toList());
    }
  }

  /** What is in a folder itself. */
  List<FileStatus> children(FileStatus folder) throws IOException {
    var children = new ArrayList<FileStatus>();
    for (var child : fileSystem.listStatus(folder.getPath())) {
      if (!isHidden(child)) {
        requireReadableName(child);
        children.add(child);
      }
    }
    children.sort(Comparator.comparing(child -> child.getPath().toString()));
    return children;
  }

  static boolean isHidden(FileStatus file) {
    var name = file.getPath().getName();
    return name.startsWith(".") || name.startsWith("_");
  }

  /** Whether the name, in lower case, ends with one of the suffixes. */
  static boolean hasSuffix(FileStatus file, List<String> suffixes) {
    var name = file.getPath().getName().toLowerCase(Locale.ROOT);
    return suffixes.stream().anyMatch(name::endsWith);
  }

  private void collect(FileStatus at, int depth, List<FileStatus> found) throws IOException {
    if (!at.isDirectory()) {
      found.add(at);
      return;
    }
    if (depth > DEEPEST) {
      throw new BadDataException(
          "%s lies more than %d folders deep: a link among them may lead back to a folder above it; remove it, or name a folder below it"
              .formatted(at.getPath(), DEEPEST));
    }
    for (var child : children(at)) {
      collect(child, depth + 1, found);
    }
  }

  private static void requireReadableName(FileStatus file) throws BadDataException {
    if (file.getPath().getName().indexOf(UNREADABLE) >= 0) {
      throw new BadDataException(
          "the name of %s has characters that this JVM can't read in its locale, so it can't open the file; set the environment variable LC_ALL = C.UTF-8 for driver and executors (--conf spark.executorEnv.LC_ALL=C.UTF-8)"
              .formatted(file.getPath()));
    }
  }
}
