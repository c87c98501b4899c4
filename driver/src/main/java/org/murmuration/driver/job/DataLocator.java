package org.murmuration.driver.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongConsumer;
import org.apache.hadoop.conf.Configuration;
import org.murmuration.driver.conf.ConfigurationException;
import org.murmuration.driver.conf.DataConf;
import org.murmuration.driver.conf.DataConf.Source;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.JobFiles;
import org.murmuration.worker.data.Split;
import org.murmuration.worker.data.cifar.Cifar10;
import org.murmuration.worker.data.cifar.Cifar10Download;
import org.murmuration.worker.data.prepared.DatasetManifest;
import org.murmuration.worker.data.prepared.ImageTransform;
import org.murmuration.worker.data.prepared.Keeping;

/** Finds a job's images before any executor is asked for, and downloads them when they may be. */
final class DataLocator {
  private final DataConf data;
  private final Configuration hadoop;

  private DataLocator(DataConf data, Configuration hadoop) {
    this.data = data;
    this.hadoop = hadoop;
  }

  /**
   * Where the images are.
   *
   * @param progress is told how many bytes of a download are there
   * @throws IOException when they are neither there nor to be had; the message says how to get them
   * @throws ConfigurationException when it isn't said what size images are to have
   */
  static DataSetup locate(DataConf data, Configuration hadoop, LongConsumer progress)
      throws IOException {
    var locator = new DataLocator(data, hadoop);
    return locator.setup(locator.train(true, progress));
  }

  /** Where the images will be, without any download. */
  static DataSetup foresee(DataConf data, Configuration hadoop) throws IOException {
    var locator = new DataLocator(data, hadoop);
    return locator.setup(locator.train(false, bytes -> {}));
  }

  private DataSetup setup(String train) throws IOException {
    Optional<DatasetManifest> manifest =
        data.source() == Source.PREPARED
            ? Optional.of(DatasetManifest.read(new org.apache.hadoop.fs.Path(train), hadoop))
            : Optional.empty();
    var image = image(manifest);
    // Pixels that preprocess has prepared are in their colours already.
    var converted = manifest.filter(m -> m.keeping() == Keeping.PIXELS).isPresent();
    return new DataSetup(
        data.source(),
        new DataSetup.Places(
            train,
            absolute(data.testPath()),
            absolute(data.maskPath()),
            absolute(data.testMaskPath())),
        data.columns(),
        data.classes(),
        converted ? image.ofConverted() : image,
        image,
        data.keeping(),
        data.memoryPerRankBytes());
  }

  /**
   * How many classes there are, as far as that can be told without reading any image.
   *
   * @throws IOException when the data isn't there
   */
  static OptionalInt classes(DataConf data, DataSetup setup, Configuration hadoop)
      throws IOException {
    if (data.source().classes().isPresent()) {
      return data.source().classes();
    }
    var named =
        data.classes().isEmpty() ? setup.open(hadoop).list(Split.TRAIN).classes() : data.classes();
    return named.isEmpty() ? OptionalInt.empty() : OptionalInt.of(named.size());
  }

  private String train(boolean fetch, LongConsumer progress) throws IOException {
    if (data.source() != Source.CIFAR10) {
      return absolute(data.path());
    }
    if (data.path().isPresent()) {
      var given = new org.apache.hadoop.fs.Path(data.path().get());
      var fs = JobFiles.fileSystem(given, hadoop);
      if (!fs.exists(given)) {
        throw new IOException(
            "data.path = "
                + fs.makeQualified(given)
                + " does not exist. Leave data.path out to download CIFAR-10, or use data.source = cifar10-sample");
      }
      return fs.makeQualified(given).toString();
    }
    var download = new Cifar10Download(Cifar10Download.Expected.OFFICIAL, Path.of(data.cache()));
    if (fetch && !data.download() && !Files.exists(download.file())) {
      throw new BadDataException(
          download.file()
              + " is not there, and data.download = false. Put the archive there, name it with"
              + " data.path, or use data.source = cifar10-sample");
    }
    return (fetch ? download.fetch(progress) : download.file()).toUri().toString();
  }

  /** Executors have working directories of their own. */
  private String absolute(Optional<String> path) throws IOException {
    if (path.isEmpty()) {
      return null;
    }
    var given = new org.apache.hadoop.fs.Path(path.get());
    return JobFiles.fileSystem(given, hadoop).makeQualified(given).toString();
  }

  /** What is made of an image file. */
  private ImageTransform image(Optional<DatasetManifest> manifest) {
    if (manifest.isPresent()) {
      return manifest.get().image();
    }
    var image = data.image();
    return new ImageTransform(
        image.width().orElseGet(() -> side("data.image.width")),
        image.height().orElseGet(() -> side("data.image.height")),
        image.colors(),
        image.fit(),
        image.background(),
        data.limits());
  }

  /** The side of all images of the source. */
  private int side(String key) {
    return switch (data.source()) {
      case CIFAR10_SAMPLE, CIFAR10, CIFAR100 -> Cifar10.SHAPE.width();
      default ->
          throw new ConfigurationException(
              List.of(
                  "%s in the job file: is null, and must be set for images that may have any size"
                      .formatted(key)));
    };
  }
}
