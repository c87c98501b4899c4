package org.murmuration.worker.model;

/** How a square window moves over an image, and the size of what comes out. */
record WindowGeometry(int kernel, int stride, int padding, boolean same) {

  /**
   * The size that a window makes of the image that reaches a layer.
   *
   * @param channels the channels of the output
   * @throws IllegalArgumentException naming layer, sizes and the rule, if no window fits
   */
  FeatureShape outputAt(LayerSite site, int channels) {
    FeatureShape image = site.image();
    site.require(kernel >= 1, "kernel must be at least 1", kernel);
    site.require(stride >= 1, "stride must be at least 1", stride);
    site.require(padding >= 0, "padding must not be negative", padding);
    if (!same && (kernel > padded(image.height()) || kernel > padded(image.width()))) {
      throw site.refuse(
          ("kernel %d (stride %d, padding %d) does not fit the input of %dx%d; the rule is"
                  + " kernel <= size + 2 * padding; use a smaller kernel, more padding, or fewer"
                  + " strides and pools before it")
              .formatted(kernel, stride, padding, image.height(), image.width()));
    }
    return FeatureShape.image(channels, outputSize(image.height()), outputSize(image.width()));
  }

  private long padded(int size) {
    return size + 2L * padding;
  }

  /** Of a side of this size; no window may be larger than it. */
  int outputSize(int size) {
    long last = same ? size - 1 : padded(size) - kernel;
    return Math.toIntExact(last / stride + 1);
  }

  /** The padding at the beginning of a side of this size. */
  int before(int size) {
    long needed = (outputSize(size) - 1L) * stride + kernel - size;
    return same ? Math.toIntExact(Math.max(0, needed) / 2) : padding;
  }
}
