package org.murmuration.worker.data.cifar;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.BadDataException;

/**
 * CIFAR-10 (Krizhevsky 2009, "Learning multiple layers of features from tiny images") in the
 * official binary format. A record is a label byte and 3,072 bytes of image; the training split is
 * {@code data_batch_1.bin} to {@code data_batch_5.bin}, the test split {@code test_batch.bin}.
 * Records are numbered through the split in this order.
 */
public final class Cifar10Source {
  /** The ten classes, by label. */
  private static final List<String> CLASS_NAMES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private static final List<String> TRAIN_FILES =
      List.of(
          "data_batch_1.bin",
          "data_batch_2.bin",
          "data_batch_3.bin",
          "data_batch_4.bin",
          "data_batch_5.bin");

  private static final List<String> TEST_FILES = List.of("test_batch.bin");

  private static final String SAMPLE_FOLDER = "sample/";
  private static final int BUFFER_BYTES = 1 << 20;

  /** The parts of the data set. */
  public enum Split {
    TRAIN,
    TEST
  }

  /** Where files are read from. */
  private interface Files {
    void read(List<String> names, RecordVisitor visitor) throws IOException;
  }

  private final Files files;
  private final List<String> trainFiles;

  private Cifar10Source(Files files, List<String> trainFiles) {
    this.files = files;
    this.trainFiles = trainFiles;
  }

  /** 2,500 training and 500 test images, all classes alike, that come with the program. */
  public static Cifar10Source sample() {
    return new Cifar10Source(Cifar10Source::readSample, TRAIN_FILES.subList(0, 1));
  }

  /**
   * The data set at a path: the official archive (.tar.gz), or the folder that it unpacks to.
   *
   * @throws BadDataException when there is nothing
   */
  public static Cifar10Source at(Path path, Configuration hadoop) throws IOException {
    var fs = path.getFileSystem(hadoop);
    try {
      return fs.getFileStatus(path).isDirectory()
          ? new Cifar10Source((names, v) -> readFolder(fs, path, names, v), TRAIN_FILES)
          : new Cifar10Source((names, v) -> readArchive(fs, path, names, v), TRAIN_FILES);
    } catch (FileNotFoundException e) {
      throw new BadDataException("data.path = " + path + " does not exist", e);
    }
  }

  /** The names of the ten classes, by label. */
  public List<String> classNames() {
    return CLASS_NAMES;
  }

  /**
   * Reads all records of a split in order.
   *
   * @throws BadDataException when a file is missing, of a wrong size or holds a label out of range
   */
  public void read(Split split, RecordVisitor visitor) throws IOException {
    files.read(split == Split.TRAIN ? trainFiles : TEST_FILES, visitor);
  }

  private static void readSample(List<String> names, RecordVisitor visitor) throws IOException {
    long index = 0;
    for (var name : names) {
      try (InputStream in = Cifar10Source.class.getResourceAsStream(SAMPLE_FOLDER + name)) {
        index = new Cifar10Records(name, in).read(index, visitor);
      }
    }
  }

  private static void readFolder(
      FileSystem fs, Path given, List<String> names, RecordVisitor visitor) throws IOException {
    var unpacked = new Path(given, "cifar-10-batches-bin");
    var folder = fs.exists(unpacked) ? unpacked : given;
    List<String> missing = new ArrayList<>();
    for (var name : names) {
      if (!fs.exists(new Path(folder, name))) {
        missing.add(name);
      }
    }
    requireNoneMissing(folder, missing);
    long index = 0;
    for (var name : names) {
      var file = new Path(folder, name);
      try (var in = new BufferedInputStream(fs.open(file), BUFFER_BYTES)) {
        index = new Cifar10Records(file.toString(), in).read(index, visitor);
      }
    }
  }

  /** One pass over the archive; the files of a split stand in it in their order. */
  private static void readArchive(
      FileSystem fs, Path archive, List<String> names, RecordVisitor visitor) throws IOException {
    List<String> missing = new ArrayList<>(names);
    try (var in = fs.open(archive);
        var unzipped =
            new GZIPInputStream(new BufferedInputStream(in, BUFFER_BYTES), BUFFER_BYTES);
        var tar = new TarArchiveInputStream(unzipped)) {
      long index = 0;
      for (var entry = tar.getNextTarEntry();
          entry != null && !missing.isEmpty();
          entry = tar.getNextTarEntry()) {
        var name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
        if (!missing.contains(name)) {
          continue;
        }
        if (!missing.get(0).equals(name)) {
          throw new BadDataException(
              archive
                  + " holds "
                  + name
                  + " before "
                  + missing.get(0)
                  + ": records are numbered in the order of the files' names. Unpack it, and give the folder as data.path");
        }
        index = new Cifar10Records(archive + "!" + entry.getName(), tar).read(index, visitor);
        missing.remove(0);
      }
    } catch (BadDataException e) {
      throw e;
    } catch (ZipException e) {
      throw new BadDataException(
          archive
              + " is neither a folder nor a gzip archive ("
              + e.getMessage()
              + "): data.path names the official cifar-10-binary.tar.gz, or the folder that it unpacks to",
          e);
    } catch (EOFException e) {
      throw new BadDataException(
          archive + " is cut short: fetch it again, or leave data.path out to download it", e);
    }
    requireNoneMissing(archive, missing);
  }

  private static void requireNoneMissing(Path where, List<String> missing) throws IOException {
    if (!missing.isEmpty()) {
      throw new BadDataException(
          where
              + " lacks "
              + String.join(", ", missing)
              + ": data.path names the official cifar-10-binary.tar.gz, or the folder that it unpacks to");
    }
  }
}
