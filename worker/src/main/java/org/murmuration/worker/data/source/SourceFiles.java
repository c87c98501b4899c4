package org.murmuration.worker.data.source;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.image.ImageLimits;
import org.murmuration.worker.data.image.UndecodableImageException;
import org.murmuration.worker.data.image.UndecodableImageException.Reason;

/** The files of a data set on any Hadoop file system: finds and opens them. */
public final class SourceFiles {
  /** Of one array. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - 16L;

  private final Optional<String> train;
  private final Optional<String> test;
  private final ImageLimits limits;
  private final Configuration configuration;

  /**
   * @param train where the training data is: a folder, a file, or a glob of Hadoop such as {@code
   *     hdfs://nn/photos/2024-*}; empty where there is none
   * @param test where the test data is, in the same way
   * @param limits what no image file may exceed
   */
  public SourceFiles(
      Optional<String> train,
      Optional<String> test,
      ImageLimits limits,
      Configuration configuration) {
    this.train = train;
    this.test = test;
    this.limits = limits;
    this.configuration = configuration;
  }

  /** Of the file systems. */
  public Configuration configuration() {
    return configuration;
  }

  /**
   * Finds the files of a split at any depth, in the order of their paths. What is hidden, by a name
   * that begins with a dot or an underscore, is left out.
   *
   * @param suffixes in lower case, such as {@code .tar}; a file with another one is passed over;
   *     none for all files
   * @throws BadDataException when there is no such file
   */
  public FoundFiles find(Split split, List<String> suffixes) throws IOException {
    List<FileStatus> files = new ArrayList<>();
    List<String> passedOver = new ArrayList<>();
    for (var root : roots(split)) {
      for (var file : tree(root).files(root)) {
        if (suffixes.isEmpty() || FolderTree.hasSuffix(file, suffixes)) {
          files.add(file);
        } else {
          passedOver.add(file.getPath().toString());
        }
      }
    }
    if (files.isEmpty()) {
      throw new BadDataException(
          "there is no file%s at %s = %s%s"
              .formatted(
                  suffixes.isEmpty() ? "" : " that ends with " + String.join(" or ", suffixes),
                  key(split),
                  place(split),
                  passedOver.isEmpty()
                      ? ""
                      : "; what is there is of another kind, such as " + passedOver.get(0)));
    }
    files.sort(Comparator.comparing(file -> file.getPath().toString()));
    return new FoundFiles(files, passedOver);
  }

  /**
   * What the path of a split names: one file or folder, or all that its glob matches.
   *
   * @throws BadDataException when there is nothing
   */
  List<FileStatus> roots(Split split) throws IOException {
    var path = new Path(place(split));
    var fileSystem = fileSystem(path);
    var named = new FolderTree(fileSystem).named(path);
    if (named.isEmpty() || named.get().isEmpty()) {
      throw new BadDataException(
          "%s = %s does not exist%s"
              .formatted(
                  key(split),
                  fileSystem.makeQualified(path),
                  named.isEmpty() ? "" : ": the pattern matches nothing"));
    }
    return named.get();
  }

  /** For what lies below a root. */
  FolderTree tree(FileStatus root) throws IOException {
    return new FolderTree(fileSystem(root.getPath()));
  }

  /** On local disks the one without checksum files: for those, a colon in a name is too much. */
  FileSystem fileSystem(Path path) throws IOException {
    return JobFiles.fileSystem(path, configuration);
  }

  /**
   * The path of a split, as it was given.
   *
   * @throws BadDataException when there is none
   */
  String place(Split split) throws BadDataException {
    var given = split == Split.TRAIN ? train : test;
    if (given.isEmpty()) {
      throw new BadDataException(
          "%s is not set, and the source has %s nowhere else"
              .formatted(key(split), split == Split.TRAIN ? "its images" : "images to test with"));
    }
    return given.get();
  }

  /** The setting that names the place of a split. */
  static String key(Split split) {
    return split == Split.TRAIN ? "data.path" : "data.test-path";
  }

  /** Opens the file of a piece. */
  public InputStream open(Piece piece) throws IOException {
    return open(piece.path());
  }

  /** Opens a file. */
  InputStream open(String path) throws IOException {
    var file = new Path(path);
    return fileSystem(file).open(file);
  }

  /**
   * A file that is one image.
   *
   * @param bytes its length, as far as it is known, or 0
   * @throws UndecodableImageException when it isn't there, may not be read, or has more bytes than
   *     any image may have
   */
  public EncodedImage image(String path, long bytes) throws IOException {
    limits.requireBytes(bytes);
    try (var in = open(path)) {
      var read = in.readNBytes((int) Math.min(MOST_BYTES, limits.bytes() + 1));
      limits.requireBytes(read.length);
      return new EncodedImage(read);
    } catch (FileNotFoundException e) {
      // The local file system says so of files that may not be read, too.
      var file = new Path(path);
      throw fileSystem(file).exists(file)
          ? unreadable(path, e)
          : new UndecodableImageException(
              Reason.MISSING, "the file %s does not exist".formatted(path), e);
    } catch (AccessControlException e) {
      throw unreadable(path, e);
    }
  }

  private static UndecodableImageException unreadable(String path, IOException e) {
    return new UndecodableImageException(
        Reason.UNREADABLE, "the file %s may not be read: %s".formatted(path, e.getMessage()), e);
  }
}
