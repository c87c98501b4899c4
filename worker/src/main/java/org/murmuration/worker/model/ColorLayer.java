package org.murmuration.worker.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.murmuration.worker.accel.kernel.ColorKernel;
import org.murmuration.worker.accel.kernel.ImageKernel;
import org.murmuration.worker.accel.kernel.ImageSize;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A linear map of the channels of each pixel, learned as the deviation from what it starts as: see
 * {@link ColorKernel}. So what shrinks weights pulls it to its start.
 */
public final class ColorLayer extends KernelLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty private double[][] base;
  @JsonProperty private boolean diagonal;

  /** For Jackson, which fills it. */
  ColorLayer() {}

  /**
   * @param base what it starts as, [channels][channels + 1], what is added last in each row
   * @param diagonal whether only a factor for each channel is learned, and what is added
   */
  ColorLayer(double[][] base, boolean diagonal, Learning learning) {
    super(base.length, learning);
    this.base = Arrays.stream(base).map(double[]::clone).toArray(double[][]::new);
    this.diagonal = diagonal;
  }

  /** The map that changes nothing. */
  static double[][] identity(int channels) {
    var matrix = new double[channels][channels + 1];
    for (int c = 0; c < channels; c++) {
      matrix[c][c] = 1;
    }
    return matrix;
  }

  @Override
  ImageKernel kernel(ImageSize size) {
    return new ColorKernel(size, base, diagonal);
  }

  @Override
  float[] start() {
    return new float[ColorKernel.parameters(channels(), diagonal)];
  }

  @Override
  List<Reading> read(float... parameters) {
    List<Reading> readings = new ArrayList<>();
    int row = parameters.length / channels();
    for (int to = 0; to < channels(); to++) {
      for (int i = 0; i < row - 1; i++) {
        int from = diagonal ? to : i;
        var name = diagonal ? "scale " + to : "matrix %d, %d".formatted(to, from);
        readings.add(new Reading(name, base[to][from] + parameters[to * row + i]));
      }
      readings.add(
          new Reading("offset " + to, base[to][channels()] + parameters[to * row + row - 1]));
    }
    return readings;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ColorLayer that
        && super.equals(that)
        && diagonal == that.diagonal
        && Arrays.deepEquals(base, that.base);
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + Arrays.deepHashCode(base);
  }
}
