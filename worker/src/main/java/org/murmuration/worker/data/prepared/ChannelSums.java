package org.murmuration.worker.data.prepared;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.stream.IntStream;
import org.murmuration.worker.data.ImageShape;

/**
 * What mean and standard deviation of each channel come from: whole numbers, so that sums over any
 * partition of the images, in any order, are the same.
 *
 * @param pixels how many pixels each channel has
 * @param sums of the values of each channel
 * @param squares of the squares of the values of each channel
 */
@SuppressWarnings("ArrayRecordComponent") // Copied where they come in and go out.
public record ChannelSums(long pixels, long[] sums, long[] squares) implements Serializable {
  private static final MathContext PRECISE = MathContext.DECIMAL64;

  /** Of no pixel. */
  public static ChannelSums none(int channels) {
    return new ChannelSums(0, new long[channels], new long[channels]);
  }

  /** Of one image, channel by channel. */
  public static ChannelSums of(ImageShape shape, byte[] planes) {
    int plane = shape.height() * shape.width();
    var sums = new long[shape.channels()];
    var squares = new long[shape.channels()];
    for (int channel = 0; channel < sums.length; channel++) {
      for (int i = channel * plane; i < (channel + 1) * plane; i++) {
        long value = Byte.toUnsignedLong(planes[i]);
        sums[channel] += value;
        squares[channel] += value * value;
      }
    }
    return new ChannelSums(plane, sums, squares);
  }

  /**
   * Of both.
   *
   * @throws ArithmeticException beyond 2^63, which no data set reaches
   * @throws IllegalArgumentException when they have different channels
   */
  public ChannelSums plus(ChannelSums other) {
    if (sums.length != other.sums.length) {
      throw new IllegalArgumentException(
          "sums of %d and of %d channels".formatted(sums.length, other.sums.length));
    }
    return new ChannelSums(
        Math.addExact(pixels, other.pixels),
        added(sums, other.sums),
        added(squares, other.squares));
  }

  /** The mean of each channel, from 0 to 255; NaN without pixels. */
  public double[] mean() {
    return IntStream.range(0, sums.length)
        .mapToDouble(channel -> (double) sums[channel] / pixels)
        .toArray();
  }

  /** The standard deviation of each channel over all pixels; NaN without pixels. */
  public double[] standardDeviation() {
    return IntStream.range(0, sums.length).mapToDouble(this::standardDeviation).toArray();
  }

  private double standardDeviation(int channel) {
    return Math.sqrt(covariance(channel, channel, squares[channel]));
  }

  /**
   * The covariance of two channels, from n * sum of products - sum * sum in whole numbers of any
   * size, so that nothing cancels.
   *
   * @param products of the two channels' values in a pixel, their sum
   * @return NaN without pixels
   */
  double covariance(int channel, int other, long products) {
    if (pixels == 0) {
      return Double.NaN;
    }
    var count = BigInteger.valueOf(pixels);
    var scaled =
        count
            .multiply(BigInteger.valueOf(products))
            .subtract(BigInteger.valueOf(sums[channel]).multiply(BigInteger.valueOf(sums[other])));
    return new BigDecimal(scaled)
        .divide(new BigDecimal(count.multiply(count)), PRECISE)
        .doubleValue();
  }

  static long[] added(long[] a, long[] b) {
    return IntStream.range(0, a.length).mapToLong(i -> Math.addExact(a[i], b[i])).toArray();
  }
}
