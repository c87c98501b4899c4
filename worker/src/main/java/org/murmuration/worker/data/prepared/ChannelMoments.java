package org.murmuration.worker.data.prepared;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.stream.IntStream;
import org.murmuration.worker.data.ImageShape;

/**
 * What the mean of each channel and the covariance of channels come from: whole numbers, so that
 * sums over any partition of the images, in any order, are the same.
 *
 * @param pixels how many pixels each channel has
 * @param sums of the values of each channel
 * @param products sums of the products of the values of two channels in one pixel, row by row
 */
@SuppressWarnings("ArrayRecordComponent") // Copied where they come in and go out.
public record ChannelMoments(long pixels, long[] sums, long[] products) implements Serializable {
  private static final MathContext PRECISE = MathContext.DECIMAL64;

  /** Of no pixel. */
  public static ChannelMoments none(int channels) {
    return new ChannelMoments(0, new long[channels], new long[channels * channels]);
  }

  /** Of one image, channel by channel. */
  public static ChannelMoments of(ImageShape shape, byte[] planes) {
    int channels = shape.channels();
    int plane = shape.height() * shape.width();
    var sums = new long[channels];
    var products = new long[channels * channels];
    for (int a = 0; a < channels; a++) {
      for (int i = 0; i < plane; i++) {
        sums[a] += Byte.toUnsignedLong(planes[a * plane + i]);
      }
      for (int b = 0; b < channels; b++) {
        for (int i = 0; i < plane; i++) {
          products[a * channels + b] +=
              (long) Byte.toUnsignedInt(planes[a * plane + i])
                  * Byte.toUnsignedInt(planes[b * plane + i]);
        }
      }
    }
    return new ChannelMoments(plane, sums, products);
  }

  /**
   * Of both.
   *
   * @throws ArithmeticException beyond 2^63, which no data set reaches
   * @throws IllegalArgumentException when they have different channels
   */
  public ChannelMoments plus(ChannelMoments other) {
    if (sums.length != other.sums.length) {
      throw new IllegalArgumentException(
          "sums of %d and of %d channels".formatted(sums.length, other.sums.length));
    }
    return new ChannelMoments(
        Math.addExact(pixels, other.pixels),
        added(sums, other.sums),
        added(products, other.products));
  }

  /** The mean of each channel, from 0 to 255; NaN without pixels. */
  public double[] mean() {
    return IntStream.range(0, sums.length)
        .mapToDouble(channel -> (double) sums[channel] / pixels)
        .toArray();
  }

  /** The covariance of each two channels over all pixels, [channels][channels]. */
  public double[][] covariance() {
    int channels = sums.length;
    return IntStream.range(0, channels)
        .mapToObj(
            a ->
                IntStream.range(0, channels)
                    .mapToDouble(
                        b -> covariance(pixels, sums[a], sums[b], products[a * channels + b]))
                    .toArray())
        .toArray(double[][]::new);
  }

  /**
   * From n * sum of products - sum * sum in whole numbers of any size, so that nothing cancels.
   *
   * @return NaN without pixels
   */
  static double covariance(long pixels, long sum, long otherSum, long products) {
    if (pixels == 0) {
      return Double.NaN;
    }
    var count = BigInteger.valueOf(pixels);
    var scaled =
        count
            .multiply(BigInteger.valueOf(products))
            .subtract(BigInteger.valueOf(sum).multiply(BigInteger.valueOf(otherSum)));
    return new BigDecimal(scaled)
        .divide(new BigDecimal(count.multiply(count)), PRECISE)
        .doubleValue();
  }

  static long[] added(long[] a, long[] b) {
    return IntStream.range(0, a.length).mapToLong(i -> Math.addExact(a[i], b[i])).toArray();
  }
}
