package org.murmuration.driver.job;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.murmuration.driver.conf.DataConf.Columns;
import org.murmuration.driver.conf.DataConf.Source;
import org.murmuration.driver.spark.Rank;
import org.murmuration.worker.data.EncodedStore;
import org.murmuration.worker.data.SampleStore;
import org.murmuration.worker.data.cifar.CifarFiles;
import org.murmuration.worker.data.cifar.CifarFormat;
import org.murmuration.worker.data.prepared.ImageTransform;
import org.murmuration.worker.data.prepared.Keeping;
import org.murmuration.worker.data.prepared.PreparedSource;
import org.murmuration.worker.data.source.CifarSource;
import org.murmuration.worker.data.source.DataSetSource;
import org.murmuration.worker.data.source.FolderSource;
import org.murmuration.worker.data.source.IdxSource;
import org.murmuration.worker.data.source.ListSource;
import org.murmuration.worker.data.source.PairsSource;
import org.murmuration.worker.data.source.SampleSource;
import org.murmuration.worker.data.source.SequenceFileSource;
import org.murmuration.worker.data.source.SourceFiles;
import org.murmuration.worker.data.source.TableSource;
import org.murmuration.worker.data.source.TarSource;

/**
 * Where the images of a job are, as every executor gets it.
 *
 * @param source its form
 * @param places of training and test data
 * @param columns of lists and tables
 * @param classes the names of all classes by number; empty where they are found
 * @param transform what is done with each image
 * @param serving what is done with an image file that becomes the same; another where images are
 *     converted already
 * @param keeping how a rank keeps its training images
 * @param memoryPerRankBytes beyond it a rank's images are memory-mapped from local disk
 */
record DataSetup(
    Source source,
    Places places,
    Columns columns,
    List<String> classes,
    ImageTransform transform,
    ImageTransform serving,
    Keeping keeping,
    long memoryPerRankBytes)
    implements Serializable {

  /**
   * Absolute paths or globs; null for none.
   *
   * @param train of the training data, or of all
   * @param test of the test data
   * @param trainMasks of the masks of the training data
   * @param testMasks of the masks of the test data
   */
  record Places(String train, String test, String trainMasks, String testMasks)
      implements Serializable {}

  SampleSource open(Configuration hadoop) {
    var files = files(places.train, places.test, hadoop);
    return switch (source) {
      case CIFAR10_SAMPLE -> new CifarSource(CifarFiles.sample(), "cifar10-sample");
      case CIFAR10 -> cifar(CifarFormat.CIFAR10, hadoop);
      case CIFAR100 -> cifar(CifarFormat.CIFAR100, hadoop);
      case IDX -> new IdxSource(files);
      case FOLDER -> new FolderSource(files);
      case LIST -> new ListSource(files, columns.path(), columns.label());
      case TAR -> new TarSource(files, transform.limits().bytes());
      case TABLE ->
          new TableSource(
              files, new TableSource.Columns(columns.image(), columns.label(), columns.path()));
      case SEQUENCE_FILE -> new SequenceFileSource(files);
      case DL4J -> new DataSetSource(files);
      case PAIRS -> new PairsSource(files, files(places.trainMasks, places.testMasks, hadoop));
      case PREPARED -> new PreparedSource(new org.apache.hadoop.fs.Path(places.train), hadoop);
    };
  }

  /** Whether there is anything to test with. */
  boolean hasTest() {
    return source.knowsItsSplits() || places.test != null;
  }

  SampleStore newStore(Rank rank) {
    return new SampleStore(
        transform.shape(), rank.imageMemory(memoryPerRankBytes), rank.localDirectory());
  }

  EncodedStore newEncodedStore(Rank rank) {
    return new EncodedStore(rank.imageMemory(memoryPerRankBytes), rank.localDirectory());
  }

  private CifarSource cifar(CifarFormat format, Configuration hadoop) {
    var files = CifarFiles.at(format, new org.apache.hadoop.fs.Path(places.train), hadoop);
    return new CifarSource(files, places.train);
  }

  private SourceFiles files(String train, String test, Configuration hadoop) {
    return new SourceFiles(
        Optional.ofNullable(train), Optional.ofNullable(test), transform.limits(), hadoop);
  }
}
