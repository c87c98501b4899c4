package org.murmuration.driver.job;

import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.murmuration.worker.data.ImageShape;
import org.murmuration.worker.data.SampleStore;
import org.murmuration.worker.data.cifar.Cifar10Source;

/**
 * Where the images of a job are, as every rank gets it.
 *
 * @param path the archive or folder, or null for the embedded sample
 * @param memoryPerRankBytes beyond it a rank's images are memory-mapped from local disk
 */
record DataSetup(String path, long memoryPerRankBytes) implements Serializable {
  static final ImageShape SHAPE = new ImageShape(3, 32, 32);
  static final int CLASSES = 10;

  Cifar10Source open(Configuration hadoop) throws IOException {
    return path == null ? Cifar10Source.sample() : Cifar10Source.at(new Path(path), hadoop);
  }

  SampleStore newStore(java.nio.file.Path spillDirectory) {
    return new SampleStore(SHAPE, memoryPerRankBytes, spillDirectory);
  }
}
