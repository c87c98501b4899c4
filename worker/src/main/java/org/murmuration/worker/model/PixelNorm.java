package org.murmuration.worker.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * What raw pixels are normalised by where layers say that the data decides.
 *
 * @param mean of each channel, from 0 to 255
 * @param covariance of each two channels, [channels][channels]
 */
public record PixelNorm(List<Double> mean, List<List<Double>> covariance) {

  /** Of any number of channels: for what depends on sizes alone. */
  public static final PixelNorm ANY = of(new double[] {127.5}, new double[][] {{127.5 * 127.5}});

  /**
   * Of data.
   *
   * @throws IllegalArgumentException when a channel is the same everywhere
   */
  public static PixelNorm of(double[] mean, double[][] covariance) {
    for (int channel = 0; channel < mean.length; channel++) {
      if (!(covariance[channel][channel] > 0)) {
        throw new IllegalArgumentException(
            "channel %d is %s in all training images, so it can't be normalised by their deviation: state mean and std, or take data.image.colors with channels that differ"
                .formatted(channel, mean[channel]));
      }
    }
    return new PixelNorm(
        Arrays.stream(mean).boxed().toList(),
        Arrays.stream(covariance).map(row -> Arrays.stream(row).boxed().toList()).toList());
  }

  /** The standard deviation of each channel, > 0. */
  public List<Double> std() {
    return IntStream.range(0, mean.size())
        .mapToObj(channel -> Math.sqrt(covariance.get(channel).get(channel)))
        .toList();
  }

  /** Whether the data decides about one of these layers. */
  public static boolean isNeededBy(List<LayerSpec> layers) {
    return layers.stream().anyMatch(LayerSpec::isUpToData);
  }

  /**
   * The layers with the numbers filled in.
   *
   * @throws IllegalArgumentException when another layer than scale and learned-augment comes before
   *     one that the data decides about: the statistics are those of raw pixels
   */
  public List<LayerSpec> fillIn(List<LayerSpec> layers) {
    double divisor = 1;
    boolean raw = true;
    List<LayerSpec> filled = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      var layer = layers.get(i);
      if (layer.isUpToData() && !raw) {
        throw new IllegalArgumentException(
            "preprocess.layers[%d]: what the data decides about %s is of raw pixels, so only scale and learned-augment may come before it"
                .formatted(i, layer.typeName()));
      }
      filled.add(layer.decidedBy(dividedBy(divisor)));
      raw = raw && (layer.isIdleInUse() || layer instanceof LayerSpec.Scale);
      divisor *= layer instanceof LayerSpec.Scale scale ? scale.divisor() : 1;
    }
    return filled;
  }

  private PixelNorm dividedBy(double divisor) {
    return new PixelNorm(
        each(mean, x -> x / divisor),
        covariance.stream().map(row -> each(row, x -> x / divisor / divisor)).toList());
  }

  private static List<Double> each(List<Double> values, DoubleUnaryOperator change) {
    return values.stream().map(change::applyAsDouble).toList();
  }
}
