package org.murmuration.worker.model;

import java.util.List;
import org.murmuration.worker.accel.kernel.ImageKernel;
import org.murmuration.worker.accel.kernel.ImageSize;
import org.murmuration.worker.accel.kernel.ResizeKernel;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Images of any size made ones of this size: see {@link ResizeKernel}. It learns nothing, but what
 * comes before it can.
 */
public final class ResizeLayer extends KernelLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty private int height;
  @JsonProperty private int width;

  /** For Jackson, which fills it. */
  ResizeLayer() {}

  /**
   * @param channels of the images
   */
  ResizeLayer(int channels, int height, int width) {
    super(channels, new Learning(new NoOp(), List.of(), true));
    this.height = height;
    this.width = width;
  }

  @Override
  ImageKernel kernel(ImageSize size) {
    return new ResizeKernel(size, height, width);
  }

  @Override
  float[] start() {
    return new float[0];
  }

  @Override
  List<Reading> read(float... parameters) {
    return List.of();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ResizeLayer that
        && super.equals(that)
        && height == that.height
        && width == that.width;
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + 31 * height + width;
  }
}
