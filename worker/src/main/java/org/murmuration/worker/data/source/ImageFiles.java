package org.murmuration.worker.data.source;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.JobFiles;

/** Files with an image each, without labels. */
public final class ImageFiles {
  private ImageFiles() {}

  /**
   * What a file, a folder or a glob names, at any depth, in the order of the paths; without what is
   * hidden.
   *
   * @throws BadDataException when there is no file
   */
  public static List<Piece> find(String place, Configuration hadoop) throws IOException {
    var path = new Path(place);
    var fileSystem = JobFiles.fileSystem(path, hadoop);
    var tree = new FolderTree(fileSystem);
    List<FileStatus> files = new ArrayList<>();
    for (var root : roots(path, hadoop)) {
      files.addAll(tree.files(root));
    }
    if (files.isEmpty()) {
      throw new BadDataException(
          "there is no file at %s".formatted(fileSystem.makeQualified(path)));
    }
    return files.stream()
        .sorted(Comparator.comparing(file -> file.getPath().toString()))
        .map(Piece::of)
        .toList();
  }

  private static List<FileStatus> roots(Path path, Configuration hadoop) throws IOException {
    var fileSystem = JobFiles.fileSystem(path, hadoop);
    try {
      // A name may have brackets in it, and still be no glob.
      return List.of(fileSystem.getFileStatus(path));
    } catch (FileNotFoundException notByName) {
      var matches = fileSystem.globStatus(path);
      return matches == null
          ? List.of()
          : Stream.of(matches).filter(match -> !FolderTree.isHidden(match)).toList();
    }
  }
}
