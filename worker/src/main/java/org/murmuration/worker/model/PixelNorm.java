package org.murmuration.worker.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * What raw pixels are normalised by where layers say that the data decides.
 *
 * @param mean of each channel, from 0 to 255
 * @param std the standard deviation of each channel, > 0
 */
public record PixelNorm(List<Double> mean, List<Double> std) {

  /** Of any number of channels: for what depends on sizes alone. */
  public static final PixelNorm ANY = new PixelNorm(List.of(127.5), List.of(127.5));

  /**
   * Of data.
   *
   * @throws IllegalArgumentException when a channel is the same everywhere
   */
  public static PixelNorm of(double[] mean, double[] std) {
    for (int channel = 0; channel < std.length; channel++) {
      if (!(std[channel] > 0)) {
        throw new IllegalArgumentException(
            "channel %d is %s in all training images, so it can't be normalised by their deviation: state mean and std, or take data.image.colors with channels that differ"
                .formatted(channel, mean[channel]));
      }
    }
    return new PixelNorm(Arrays.stream(mean).boxed().toList(), Arrays.stream(std).boxed().toList());
  }

  /** Whether the data decides about one of these layers. */
  public static boolean isNeededBy(List<LayerSpec> layers) {
    return layers.stream().anyMatch(LayerSpec.NormalizeByData.class::isInstance);
  }

  /**
   * The layers with the numbers filled in.
   *
   * @throws IllegalArgumentException when another layer than scale comes before one that the data
   *     decides about: the statistics are those of raw pixels
   */
  public List<LayerSpec> fillIn(List<LayerSpec> layers) {
    double divisor = 1;
    boolean raw = true;
    List<LayerSpec> filled = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      var layer = layers.get(i);
      if (layer instanceof LayerSpec.NormalizeByData) {
        if (!raw) {
          throw new IllegalArgumentException(
              "preprocess.layers[%d]: mean = data is of raw pixels, so only scale may come before it"
                  .formatted(i));
        }
        double by = divisor;
        filled.add(new LayerSpec.Normalize(each(mean, x -> x / by), each(std, x -> x / by)));
      } else {
        filled.add(layer);
      }
      raw = raw && layer instanceof LayerSpec.Scale;
      divisor *= layer instanceof LayerSpec.Scale scale ? scale.divisor() : 1;
    }
    return filled;
  }

  private static List<Double> each(List<Double> values, DoubleUnaryOperator change) {
    return values.stream().map(change::applyAsDouble).toList();
  }
}
