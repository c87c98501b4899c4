package org.murmuration.worker.data.prepared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.murmuration.worker.data.ImageShape;

class ChannelMomentsTest {
  private static final ImageShape SHAPE = new ImageShape(3, 4, 5);
  private static final int PLANE = 20;

  @Property(tries = 200)
  void areTheCovarianceOfAllPixels(@ForAll @Size(60) byte[] pixels) {
    var moments = ChannelMoments.of(SHAPE, pixels);

    var mean = moments.mean();
    for (int a = 0; a < 3; a++) {
      for (int b = 0; b < 3; b++) {
        double sum = 0;
        for (int i = 0; i < PLANE; i++) {
          sum +=
              (Byte.toUnsignedInt(pixels[a * PLANE + i]) - mean[a])
                  * (Byte.toUnsignedInt(pixels[b * PLANE + i]) - mean[b]);
        }
        assertThat(moments.covariance()[a][b]).isCloseTo(sum / PLANE, within(1e-9));
      }
    }
  }

  @Property(tries = 100)
  void areTheSameForAnyPartition(@ForAll @Size(60) byte[] a, @ForAll @Size(60) byte[] b) {
    var one = ChannelMoments.of(SHAPE, a);
    var two = ChannelMoments.of(SHAPE, b);

    var left = one.plus(two);
    var right = ChannelMoments.none(3).plus(two).plus(one);

    assertThat(left.mean()).isEqualTo(right.mean());
    assertThat(left.covariance()).isDeepEqualTo(right.covariance());
    assertThat(left.covariance()[1][1])
        .isCloseTo(
            Math.pow(
                ChannelSums.of(SHAPE, a).plus(ChannelSums.of(SHAPE, b)).standardDeviation()[1], 2),
            within(1e-9));
  }

  @Example
  void areOfAsManyChannels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ChannelMoments.none(1).plus(ChannelMoments.none(3)))
        .withMessageContaining("1 and of 3");
  }
}
