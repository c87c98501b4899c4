package org.murmuration.worker.data.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
    for (var root : tree.named(path).orElse(List.of())) {
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
}
