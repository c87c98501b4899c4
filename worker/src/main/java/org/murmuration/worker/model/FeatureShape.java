package org.murmuration.worker.model;

/**
 * The size of one sample between two layers.
 *
 * @param channels channels of an image, or the number of values when flat
 * @param height rows of an image, 1 when flat
 * @param width columns of an image, 1 when flat
 * @param flat whether the sample is a vector
 */
record FeatureShape(int channels, int height, int width, boolean flat) {

  static FeatureShape image(int channels, int height, int width) {
    return new FeatureShape(channels, height, width, false);
  }

  static FeatureShape vector(int values) {
    return new FeatureShape(values, 1, 1, true);
  }

  @Override
  public String toString() {
    return flat
        ? "a vector of " + channels
        : "%d channels of %dx%d".formatted(channels, height, width);
  }
}
