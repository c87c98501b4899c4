package org.murmuration.worker.model;

import java.util.ArrayList;
import java.util.List;
import org.murmuration.worker.accel.kernel.GaborKernel;
import org.murmuration.worker.accel.kernel.ImageKernel;
import org.murmuration.worker.accel.kernel.ImageSize;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** A convolution whose filters learn as Gabor functions: see {@link GaborKernel}. */
public final class GaborLayer extends KernelLayer {
  private static final long serialVersionUID = 1L;
  private static final List<String> NAMES =
      List.of("angle", "log wavelength", "log deviation", "phase", "bias");

  @JsonProperty private int filters;
  @JsonProperty private WindowGeometry window;

  /** For Jackson, which fills it. */
  GaborLayer() {}

  /**
   * @param channels of the images
   * @param filters how many
   * @param window how they move
   */
  GaborLayer(int channels, int filters, WindowGeometry window, Learning learning) {
    super(channels, learning);
    this.filters = filters;
    this.window = window;
  }

  @Override
  ImageKernel kernel(ImageSize size) {
    return gabor(size);
  }

  private GaborKernel gabor(ImageSize size) {
    return new GaborKernel(
        size,
        window.kernel(),
        window.stride(),
        window.before(size.height()),
        window.before(size.width()),
        new ImageSize(filters, window.outputSize(size.height()), window.outputSize(size.width())));
  }

  @Override
  float[] start() {
    return new float[filters * (GaborKernel.COLORS + channels())];
  }

  /** [filters, channels, kernel, kernel]. */
  INDArray filters(float... parameters) {
    int side = window.kernel();
    var values = gabor(new ImageSize(channels(), side, side)).filters(parameters);
    return Nd4j.createFromArray(values).reshape('c', filters, channels(), side, side);
  }

  @Override
  List<Reading> read(float... parameters) {
    var start = GaborKernel.start(filters, channels(), window.kernel());
    int row = GaborKernel.COLORS + channels();
    List<Reading> readings = new ArrayList<>();
    for (int i = 0; i < parameters.length; i++) {
      int what = i % row;
      var name =
          what < NAMES.size()
              ? "%s %d".formatted(NAMES.get(what), i / row)
              : "color %d, %d".formatted(i / row, what - NAMES.size());
      readings.add(new Reading(name, start[i] + parameters[i]));
    }
    return readings;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GaborLayer that
        && super.equals(that)
        && filters == that.filters
        && window.equals(that.window);
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + 31 * filters + window.hashCode();
  }
}
