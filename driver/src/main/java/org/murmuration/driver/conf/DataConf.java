package org.murmuration.driver.conf;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.murmuration.worker.data.image.Colors;
import org.murmuration.worker.data.image.ImageLimits;
import org.murmuration.worker.data.prepared.Fit;
import org.murmuration.worker.data.prepared.Keeping;

/**
 * Where the images come from, and what they are made to.
 *
 * @param path of the training data, or of all data where the source tells its splits apart; a glob
 *     on any Hadoop file system; empty for what is embedded or downloaded
 * @param testPath of the test data, where it isn't told by {@code path}
 * @param maskPath of the masks for {@code path}, only for pairs
 * @param testMaskPath of the masks for {@code testPath}, only for pairs
 * @param columns of lists and tables
 * @param classes the names of all classes by number; empty where they are found
 * @param image what images are made to
 * @param augment how training images are changed at random
 * @param keeping how a rank keeps its training images: as pixels of their final size, or as the
 *     files that they are
 * @param limits what no image may exceed
 * @param maxBad how many samples may be bad
 * @param cache the folder that keeps a downloaded archive
 * @param download whether the archive may be downloaded
 * @param memoryPerRankBytes a rank whose images take more than this maps them from local disk
 * @param rereadLimitBytes most bytes that ranks read besides those of their own samples
 */
public record DataConf(
    Source source,
    Optional<String> path,
    Optional<String> testPath,
    Optional<String> maskPath,
    Optional<String> testMaskPath,
    Columns columns,
    List<String> classes,
    Image image,
    AugmentConf augment,
    Keeping keeping,
    ImageLimits limits,
    MaxBad maxBad,
    String cache,
    boolean download,
    long memoryPerRankBytes,
    long rereadLimitBytes) {

  /** The forms of data sets that a job file can name. */
  public enum Source {
    /** 2,500 training and 500 test images of CIFAR-10, inside the jar. */
    CIFAR10_SAMPLE(10),
    /** CIFAR-10 (Krizhevsky 2009): 50,000 training and 10,000 test images. */
    CIFAR10(10),
    /** CIFAR-100, of the same kind, by its fine labels. */
    CIFAR100(100),
    /** The format of MNIST. */
    IDX(0),
    /** A folder for each class. */
    FOLDER(0),
    /** Tables of paths and labels, as text. */
    LIST(0),
    /** Tar archives in webdataset's convention. */
    TAR(0),
    /** Parquet or ORC with a column of images. */
    TABLE(0),
    /** Hadoop's files of keys and values. */
    SEQUENCE_FILE(0),
    /** DL4J's serialised DataSet and MultiDataSet. */
    DL4J(0),
    /** Images, and masks of the same names. */
    PAIRS(0),
    /** What preprocess has written. */
    PREPARED(0);

    private final int classes;

    Source(int classes) {
      this.classes = classes;
    }

    /** How many classes there are; empty where the data decides. */
    public OptionalInt classes() {
      return classes == 0 ? OptionalInt.empty() : OptionalInt.of(classes);
    }

    /** Whether training and test data are told apart by the source itself. */
    public boolean knowsItsSplits() {
      return switch (this) {
        case CIFAR10_SAMPLE, CIFAR10, CIFAR100, IDX, PREPARED -> true;
        case FOLDER, LIST, TAR, TABLE, SEQUENCE_FILE, DL4J, PAIRS -> false;
      };
    }
  }

  /**
   * The names of columns.
   *
   * @param image of the images in tables
   * @param label of the labels
   * @param path of the paths of images in lists, of what samples are called in tables
   */
  public record Columns(String image, String label, String path) implements Serializable {}

  /**
   * What an image is made to.
   *
   * @param width columns; empty for those that all images of the source have
   * @param height rows; empty for those that all images of the source have
   * @param colors its channels
   * @param fit what is done where the proportion differs
   * @param background the level of what lies beside the image and under transparent pixels
   */
  public record Image(
      OptionalInt width, OptionalInt height, Colors colors, Fit fit, int background) {}
}
