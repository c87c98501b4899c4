package org.murmuration.worker.data.prepared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.murmuration.worker.data.ImageShape;

class ChannelSumsTest {
  private static final ImageShape SHAPE = new ImageShape(3, 4, 5);
  private static final int PLANE = 20;

  @Property(tries = 200)
  void areTheMeanAndTheDeviationOfAllPixels(@ForAll @Size(60) byte[] pixels) {
    var sums = ChannelSums.of(SHAPE, pixels);

    for (int channel = 0; channel < 3; channel++) {
      var values =
          IntStream.range(channel * PLANE, (channel + 1) * PLANE)
              .map(i -> Byte.toUnsignedInt(pixels[i]))
              .toArray();
      double mean = Arrays.stream(values).average().orElseThrow();
      double variance =
          Arrays.stream(values).mapToDouble(v -> (v - mean) * (v - mean)).average().orElseThrow();
      assertThat(sums.mean()[channel]).isCloseTo(mean, within(1e-12));
      assertThat(sums.standardDeviation()[channel]).isCloseTo(Math.sqrt(variance), within(1e-12));
    }
  }

  @Property(tries = 100)
  void areTheSameForAnyPartition(
      @ForAll @Size(60) byte[] a, @ForAll @Size(60) byte[] b, @ForAll @Size(60) byte[] c) {
    var one = ChannelSums.of(SHAPE, a);
    var two = ChannelSums.of(SHAPE, b);
    var three = ChannelSums.of(SHAPE, c);

    var left = one.plus(two).plus(three);
    var right = three.plus(one.plus(two)).plus(ChannelSums.none(3));

    assertThat(left.mean()).isEqualTo(right.mean());
    assertThat(left.standardDeviation()).isEqualTo(right.standardDeviation());
  }

  /** Where the mean is large and the deviation small, floats subtract what is almost equal. */
  @Property(tries = 20)
  void keepASmallDeviationOfManyPixels(@ForAll @IntRange(min = 1, max = 1_000) int odd) {
    long count = 4_000_000_000L;
    var sums =
        new ChannelSums(
            count,
            new long[] {254 * count + odd},
            new long[] {254L * 254 * count + odd * (255L * 255 - 254L * 254)});

    double share = (double) odd / count;
    assertThat(sums.standardDeviation()[0])
        .isCloseTo(Math.sqrt(share * (1 - share)), within(1e-15));
  }

  @Test
  void ofNothingAreNoNumbers() {
    assertThat(ChannelSums.none(1).mean()[0]).isNaN();
    assertThat(ChannelSums.none(1).standardDeviation()[0]).isNaN();
  }
}
