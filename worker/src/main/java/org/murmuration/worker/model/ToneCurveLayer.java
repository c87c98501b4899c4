package org.murmuration.worker.model;

import java.util.ArrayList;
import java.util.List;
import org.murmuration.worker.accel.kernel.ImageKernel;
import org.murmuration.worker.accel.kernel.ImageSize;
import org.murmuration.worker.accel.kernel.ToneCurveKernel;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A curve for each channel of images, learned from the straight line y = x: for knots t_k evenly
 * apart from {@code from} on and below {@code to}, y = x + sum over k of s_k max(0, x - t_k). The
 * slopes s_k start at 0, so that what shrinks weights pulls the curve to the line; parameters are
 * [knots, channels].
 */
public final class ToneCurveLayer extends KernelLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty private int knots;
  @JsonProperty private double from;
  @JsonProperty private double to;

  /** For Jackson, which fills it. */
  ToneCurveLayer() {}

  /**
   * @param channels of the images
   * @param knots how many, at least 1
   * @param from the first knot
   * @param to behind the last knot
   */
  ToneCurveLayer(int channels, int knots, double from, double to, Learning learning) {
    super(channels, learning);
    this.knots = knots;
    this.from = from;
    this.to = to;
  }

  @Override
  ImageKernel kernel(ImageSize size) {
    return new ToneCurveKernel(size, knots, from, to);
  }

  @Override
  float[] start() {
    return new float[knots * channels()];
  }

  @Override
  List<Reading> read(float... parameters) {
    List<Reading> readings = new ArrayList<>();
    for (int i = 0; i < parameters.length; i++) {
      readings.add(
          new Reading("slope %d, %d".formatted(i / channels(), i % channels()), parameters[i]));
    }
    return readings;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ToneCurveLayer that
        && super.equals(that)
        && knots == that.knots
        && Double.compare(from, that.from) == 0
        && Double.compare(to, that.to) == 0;
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + knots;
  }
}
