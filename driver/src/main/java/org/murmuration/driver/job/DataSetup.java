package org.murmuration.driver.job;

import java.io.Serializable;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.murmuration.worker.data.SampleStore;
import org.murmuration.worker.data.cifar.Cifar10;
import org.murmuration.worker.data.cifar.Cifar10Source;

/**
 * Where the images of a job are, as every rank gets it.
 *
 * @param path the archive or folder, or null for the embedded sample
 * @param memoryPerRankBytes beyond it a rank's images are memory-mapped from local disk
 */
record DataSetup(String path, long memoryPerRankBytes) implements Serializable {

  Cifar10Source open(Configuration hadoop) {
    return path == null
        ? Cifar10Source.sample()
        : Cifar10Source.at(new org.apache.hadoop.fs.Path(path), hadoop);
  }

  SampleStore newStore(Path spillDirectory) {
    return new SampleStore(Cifar10.SHAPE, memoryPerRankBytes, spillDirectory);
  }
}
