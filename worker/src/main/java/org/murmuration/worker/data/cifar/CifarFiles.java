package org.murmuration.worker.data.cifar;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.Split;

/**
 * CIFAR-10 or CIFAR-100 in the official binary format, from one of three places: the archive, such
 * as {@code cifar-10-binary.tar.gz}, the folder that it unpacks to, or the sample of CIFAR-10,
 * 2,500 + 500 images, that comes with the program.
 *
 * <p>A record has the same global index wherever it is read from: {@code data_batch_1.bin} comes
 * first, then {@code data_batch_2.bin}, and so on. An archive hands its files out in its own order,
 * though, and the official one is not in ascending order, so records need not come in ascending
 * order of their index.
 *
 * <p>Holds no open file between calls.
 */
public final class CifarFiles {

  private static final int LONGEST_NAMES_FILE = 1 << 16;

  private final CifarFormat format;
  private final Opener opener;

  private CifarFiles(CifarFormat format, Opener opener) {
    this.format = format;
    this.opener = opener;
  }

  /**
   * The archive or the folder at a path of any Hadoop file system. A folder holds the files itself
   * or in the child that unpacking the archive leaves in it. Nothing is touched before the first
   * read.
   */
  public static CifarFiles at(CifarFormat format, Path path, Configuration configuration) {
    return new CifarFiles(format, () -> open(format, path, configuration));
  }

  /** The sample on the class path: 250 training and 50 test images of each class. */
  public static CifarFiles sample() {
    return new CifarFiles(CifarFormat.CIFAR10, SampleFiles::new);
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
    List<String> names = files.names(format, split);
    RecordNumbering numbering = new RecordNumbering(names, files.toString(), format.archive());
    files.visit(
        names,
        (name, bytes, content) -> {
          RecordFile file = new RecordFile(name, bytes, files.toString(), format);
          file.read(content, numbering.place(name, file.records()), visitor);
          return true;
        });
    numbering.requireAll();
  }

  /**
   * The names of the classes by label, from {@code batches.meta.txt} or {@code
   * fine_label_names.txt}. Where that file is missing, the official ones for CIFAR-10, and numbers
   * for CIFAR-100.
   *
   * @throws BadDataException when the file does not hold a name for each class
   * @throws IOException when the file system fails
   */
  public List<String> classNames() throws IOException {
    BatchFiles files = opener.open();
    List<String> names = new ArrayList<>();
    files.visit(
        List.of(format.namesFile()),
        (name, bytes, content) -> {
          names.addAll(namesIn(content, files.toString()));
          return false;
        });
    if (!names.isEmpty()) {
      return List.copyOf(names);
    }
    return format.classes() == Cifar10.CLASSES
        ? Cifar10.CLASS_NAMES
        : IntStream.range(0, format.classes()).mapToObj(Integer::toString).toList();
  }

  private List<String> namesIn(InputStream content, String place) throws IOException {
    String text = new String(content.readNBytes(LONGEST_NAMES_FILE), StandardCharsets.UTF_8);
    List<String> names = text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    if (names.size() != format.classes()) {
      throw new BadDataException(
          "%s in %s has %d names, %s has %d classes; restore the file or remove it"
              .formatted(format.namesFile(), place, names.size(), format.name(), format.classes()));
    }
    return names;
  }

  private static BatchFiles open(CifarFormat format, Path path, Configuration configuration)
      throws IOException {
    FileSystem fileSystem = path.getFileSystem(configuration);
    try {
      return fileSystem.getFileStatus(path).isDirectory()
          ? FolderFiles.in(fileSystem, path, format)
          : new ArchiveFiles(fileSystem, path);
    } catch (FileNotFoundException e) {
      throw new BadDataException(
          "there is no %s at %s: the path does not exist. Set data.path to %s or to the folder it unpacks to, or set data.source = cifar10-sample"
              .formatted(format.name(), path, format.archive()),
          e);
    }
  }

  /** Opens the place anew for every read. */
  private interface Opener {
    BatchFiles open() throws IOException;
  }
}
