package org.murmuration.driver.conf;

import java.util.Optional;

/**
 * Where the images come from.
 *
 * @param path an archive or an unpacked folder on any Hadoop file system; empty for the official
 *     archive, and always empty for {@code CIFAR10_SAMPLE}
 * @param cache the folder that keeps a downloaded archive
 * @param download whether the archive may be downloaded
 * @param memoryPerRankBytes a rank whose images take more than this maps them from local disk
 */
public record DataConf(
    Source source, Optional<String> path, String cache, boolean download, long memoryPerRankBytes) {

  /** The data sets that a job file can name. */
  public enum Source {
    /** 2,500 training and 500 test images of CIFAR-10, inside the jar. */
    CIFAR10_SAMPLE(2_500, 10),
    /** CIFAR-10 (Krizhevsky 2009): 50,000 training and 10,000 test images. */
    CIFAR10(50_000, 10);

    private final int trainingImages;
    private final int classes;

    Source(int trainingImages, int classes) {
      this.trainingImages = trainingImages;
      this.classes = classes;
    }

    /** How many images there are to train on. */
    public int trainingImages() {
      return trainingImages;
    }

    /** The number of classes. */
    public int classes() {
      return classes;
    }
  }
}
