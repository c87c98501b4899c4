package org.murmuration.worker.data.prepared;

import java.io.Serializable;
import java.util.stream.IntStream;
import org.murmuration.worker.data.ImageShape;

/**
 * {@link ChannelSums}, and what the covariance of channels comes from: whole numbers, too.
 *
 * @param sums of each channel
 * @param products sums of the products of the values of two channels in one pixel, row by row
 */
@SuppressWarnings("ArrayRecordComponent") // Copied where they come in and go out.
public record ChannelMoments(ChannelSums sums, long[] products) implements Serializable {

  /** Of no pixel. */
  public static ChannelMoments none(int channels) {
    return new ChannelMoments(ChannelSums.none(channels), new long[channels * channels]);
  }

  /** Of one image, channel by channel. */
  public static ChannelMoments of(ImageShape shape, byte[] planes) {
    int channels = shape.channels();
    var products = new long[channels * channels];
    for (int a = 0; a < channels; a++) {
      for (int b = a; b < channels; b++) {
        products[a * channels + b] = product(shape, planes, a, b);
        products[b * channels + a] = products[a * channels + b];
      }
    }
    return new ChannelMoments(ChannelSums.of(shape, planes), products);
  }

  private static long product(ImageShape shape, byte[] planes, int a, int b) {
    int plane = shape.height() * shape.width();
    long sum = 0;
    for (int i = 0; i < plane; i++) {
      sum +=
          (long) Byte.toUnsignedInt(planes[a * plane + i])
              * Byte.toUnsignedInt(planes[b * plane + i]);
    }
    return sum;
  }

  /**
   * Of both.
   *
   * @throws ArithmeticException beyond 2^63, which no data set reaches
   * @throws IllegalArgumentException when they have different channels
   */
  public ChannelMoments plus(ChannelMoments other) {
    return new ChannelMoments(sums.plus(other.sums), ChannelSums.added(products, other.products));
  }

  /** The mean of each channel, from 0 to 255; NaN without pixels. */
  public double[] mean() {
    return sums.mean();
  }

  /** The covariance of each two channels over all pixels, [channels][channels]; NaN without any. */
  public double[][] covariance() {
    int channels = sums.sums().length;
    return IntStream.range(0, channels)
        .mapToObj(
            a ->
                IntStream.range(0, channels)
                    .mapToDouble(b -> sums.covariance(a, b, products[a * channels + b]))
                    .toArray())
        .toArray(double[][]::new);
  }
}
