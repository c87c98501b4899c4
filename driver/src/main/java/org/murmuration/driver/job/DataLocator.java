package org.murmuration.driver.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.apache.hadoop.conf.Configuration;
import org.murmuration.driver.conf.DataConf;
import org.murmuration.worker.data.BadDataException;
import org.murmuration.worker.data.cifar.Cifar10Download;
import org.murmuration.worker.training.JobFiles;

/** Finds a job's images before any executor is asked for, and downloads them when they may be. */
final class DataLocator {
  private DataLocator() {}

  /**
   * Where the images are.
   *
   * @param progress is told how many bytes of a download are there
   * @throws IOException when they are neither there nor to be had; the message says how to get them
   */
  static DataSetup locate(DataConf data, Configuration hadoop, LongConsumer progress)
      throws IOException {
    return new DataSetup(path(data, hadoop, progress), data.memoryPerRankBytes());
  }

  private static String path(DataConf data, Configuration hadoop, LongConsumer progress)
      throws IOException {
    if (data.source() == DataConf.Source.CIFAR10_SAMPLE) {
      return null;
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
    if (!data.download() && !Files.exists(download.file())) {
      throw new BadDataException(
          download.file()
              + " is not there, and data.download = false. Put the archive there, name it with"
              + " data.path, or use data.source = cifar10-sample");
    }
    return download.fetch(progress).toUri().toString();
  }
}
