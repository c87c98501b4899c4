package org.murmuration.worker.data.cifar;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The unpacked files in a folder of any Hadoop file system. */
record FolderFiles(FileSystem fileSystem, Path folder) implements BatchFiles {

  /** The files in the folder itself, or in the one that unpacking the archive has left in it. */
  static FolderFiles in(FileSystem fileSystem, Path folder, CifarFormat format) throws IOException {
    Path unpacked = new Path(folder, format.folder());
    return new FolderFiles(fileSystem, fileSystem.exists(unpacked) ? unpacked : folder);
  }

  @Override
  public void visit(List<String> names, FileVisitor visitor) throws IOException {
    for (String name : names) {
      Path file = new Path(folder, name);
      if (fileSystem.exists(file)) {
        long bytes = fileSystem.getFileStatus(file).getLen();
        try (InputStream content = fileSystem.open(file)) {
          if (!visitor.file(name, bytes, content)) {
            return;
          }
        }
      }
    }
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
