package org.murmuration.worker.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.data.ImageShape;

class MixingTest {
  private static final ImageShape SHAPE = new ImageShape(2, 9, 11);
  private static final int PLANE = 99;
  private static final int DRAWS = 40_000;

  /** Of Beta(a, a), the mean is 1/2 and the variance 1 / (4 (2a + 1)). */
  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.2, 1, 2, 8})
  void drawsFromTheBetaDistribution(double alpha) {
    var random = new SplittableRandom(1);
    var draws = DoubleStream.generate(() -> Beta.next(alpha, random)).limit(DRAWS).toArray();
    double mean = Arrays.stream(draws).average().orElseThrow();
    double variance =
        Arrays.stream(draws).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
    double expected = 1 / (4 * (2 * alpha + 1));
    assertThat(Arrays.stream(draws)).allMatch(x -> x >= 0 && x <= 1);
    assertThat(mean).isCloseTo(0.5, within(5 * Math.sqrt(expected / DRAWS)));
    assertThat(variance).isCloseTo(expected, within(0.05 * expected));
  }

  /** Beta(1, 1) is uniform, so a tenth of the draws lies in each tenth. */
  @Property(tries = 1)
  void drawsEvenlyForAlphaOne() {
    var random = new SplittableRandom(3);
    var counts = new int[10];
    IntStream.range(0, DRAWS).forEach(i -> counts[(int) (10 * Beta.next(1, random))]++);
    assertThat(Arrays.stream(counts))
        .allMatch(count -> Math.abs(count - DRAWS / 10) < 5 * Math.sqrt(DRAWS * 0.09));
  }

  @Property(tries = 50)
  void mixesUpByTheWeightOfTheLabel(@ForAll long seed) {
    var own = noise(seed);
    var other = noise(seed + 1);
    var mixed = own.clone();

    double weight = new Mixup(0.4).mix(mixed, other, SHAPE, new SplittableRandom(seed));

    for (int i = 0; i < mixed.length; i++) {
      double expected =
          weight * Byte.toUnsignedInt(own[i]) + (1 - weight) * Byte.toUnsignedInt(other[i]);
      assertThat((double) Byte.toUnsignedInt(mixed[i])).isCloseTo(expected, within(0.5001));
    }
  }

  @Property(tries = 200)
  void cutsARectangleWhoseAreaIsTheWeightOfTheOtherLabel(@ForAll long seed) {
    var mixed = new byte[SHAPE.bytes()];
    var other = new byte[SHAPE.bytes()];
    Arrays.fill(other, (byte) 1);

    double weight = new CutMix(1).mix(mixed, other, SHAPE, new SplittableRandom(seed));

    var cut = IntStream.range(0, PLANE).filter(i -> mixed[i] == 1).toArray();
    assertThat(weight).isCloseTo(1 - cut.length / (double) PLANE, within(1e-12));
    for (int i = 0; i < PLANE; i++) {
      assertThat(mixed[PLANE + i]).as("the same in all channels").isEqualTo(mixed[i]);
    }
    if (cut.length > 0) {
      int rows = 1 + cut[cut.length - 1] / 11 - cut[0] / 11;
      int columns =
          1
              + Arrays.stream(cut).map(i -> i % 11).max().orElseThrow()
              - Arrays.stream(cut).map(i -> i % 11).min().orElseThrow();
      assertThat(cut).hasSize(rows * columns);
    }
  }

  private static byte[] noise(long seed) {
    var bytes = new byte[SHAPE.bytes()];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }
}
