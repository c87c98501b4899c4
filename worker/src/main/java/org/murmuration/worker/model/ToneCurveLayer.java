package org.murmuration.worker.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
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

  /**
   * The curves at places evenly apart over where they may bend.
   *
   * @param count how many places, at least 2
   */
  List<LearnedLayers.Point> points(int count, float... slopes) {
    var kernel = new ToneCurveKernel(new ImageSize(channels(), 1, 1), knots, from, to);
    var y = new float[channels()];
    var x = new float[channels()];
    List<LearnedLayers.Point> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double at = from + (to - from) * i / (count - 1);
      Arrays.fill(x, (float) at);
      kernel.forward(slopes, new float[0], x, y);
      points.add(
          new LearnedLayers.Point(
              at, IntStream.range(0, y.length).mapToObj(c -> (double) y[c]).toList()));
    }
    return points;
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
