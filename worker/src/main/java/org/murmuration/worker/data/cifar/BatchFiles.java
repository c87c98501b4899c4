package org.murmuration.worker.data.cifar;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.murmuration.worker.data.Split;

/** The files of CIFAR-10, however they are kept. {@code toString} says where, for messages. */
interface BatchFiles {

  /** The files of a split that must be there, in the order of their records. */
  default List<String> names(CifarFormat format, Split split) {
    return format.files(split);
  }

  /**
   * Shows the visitor those files among {@code names} that exist, in the order in which they are
   * kept, until it has seen enough.
   *
   * @throws org.murmuration.worker.data.BadDataException when the files cannot be read as what they
   *     should be
   */
  void visit(List<String> names, FileVisitor visitor) throws IOException;

  /** Takes one file after the other. */
  interface FileVisitor {

    /**
     * One file.
     *
     * @param bytes the length that the file should have
     * @param content to be read within this call; it is not the visitor's to close
     * @return whether to go on with the next file
     */
    boolean file(String name, long bytes, InputStream content) throws IOException;
  }
}
