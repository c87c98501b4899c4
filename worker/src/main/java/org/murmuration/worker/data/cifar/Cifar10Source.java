package org.murmuration.worker.data.cifar;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.Split;

/**
 * CIFAR-10 in the official binary format, from one of three places: the archive {@code
 * cifar-10-binary.tar.gz}, the folder that it unpacks to, or the sample of 2,500 + 500 images that
 * comes with the program.
 *
 * <p>A record has the same global index wherever it is read from: {@code data_batch_1.bin} comes
 * first, then {@code data_batch_2.bin}, and so on. An archive hands its files out in its own order,
 * though, and the official one is not in ascending order, so records need not come in ascending
 * order of their index.
 *
 * <p>Holds no open file between calls.
 */
public final class Cifar10Source {

  private static final int LONGEST_NAMES_FILE = 1 << 16;

  private final Opener opener;

  private Cifar10Source(Opener opener) {
    this.opener = opener;
  }

  /**
   * The archive or the folder at a path of any Hadoop file system. A folder holds the files itself
   * or in its child {@code cifar-10-batches-bin}. Nothing is touched before the first read.
   */
  public static Cifar10Source at(Path path, Configuration configuration) {
    return new Cifar10Source(() -> open(path, configuration));
  }

  /** The sample on the class path: 250 training and 50 test images of each class. */
  public static Cifar10Source sample() {
    return new Cifar10Source(SampleFiles::new);
  }

  /**
   * Streams every record of a split. Records seen before an exception was thrown are not to be
   * used.
   *
   * @throws BadDataException when the path does not exist or is neither archive nor folder; a file
   *     is missing, empty, cut short or there twice; a label is above 9; the archive is damaged
   * @throws IOException when the file system or the visitor fails
   */
  public void read(Split split, RecordVisitor visitor) throws IOException {
    BatchFiles files = opener.open();
    List<String> names = files.names(split);
    RecordNumbering numbering = new RecordNumbering(names, files.toString());
    files.visit(
        names,
        (name, bytes, content) -> {
          RecordFile file = new RecordFile(name, bytes, files.toString());
          file.read(content, numbering.place(name, file.records()), visitor);
          return true;
        });
    numbering.requireAll();
  }

  /**
   * The names of the classes by label, from {@code batches.meta.txt}, or the official ones where
   * that file is missing.
   *
   * @throws BadDataException when the file does not hold ten names
   * @throws IOException when the file system fails
   */
  public List<String> classNames() throws IOException {
    BatchFiles files = opener.open();
    List<String> names = new ArrayList<>();
    files.visit(
        List.of(Cifar10.NAMES_FILE),
        (name, bytes, content) -> {
          names.addAll(namesIn(content, files.toString()));
          return false;
        });
    return names.isEmpty() ? Cifar10.CLASS_NAMES : List.copyOf(names);
  }

  private static List<String> namesIn(InputStream content, String place) throws IOException {
    String text = new String(content.readNBytes(LONGEST_NAMES_FILE), StandardCharsets.UTF_8);
    List<String> names = text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    if (names.size() != Cifar10.CLASSES) {
      throw new BadDataException(
          "%s in %s has %d names, CIFAR-10 has %d classes; restore the file or remove it"
              .formatted(Cifar10.NAMES_FILE, place, names.size(), Cifar10.CLASSES));
    }
    return names;
  }

  private static BatchFiles open(Path path, Configuration configuration) throws IOException {
    FileSystem fileSystem = path.getFileSystem(configuration);
    try {
      return fileSystem.getFileStatus(path).isDirectory()
          ? FolderFiles.in(fileSystem, path)
          : new ArchiveFiles(fileSystem, path);
    } catch (FileNotFoundException e) {
      throw new BadDataException(
          "there is no CIFAR-10 at %s: the path does not exist. Set data.path to cifar-10-binary.tar.gz or to the folder it unpacks to, or set data.source = cifar10-sample"
              .formatted(path),
          e);
    }
  }

  /** Opens the place anew for every read. */
  private interface Opener {
    BatchFiles open() throws IOException;
  }
}
