package org.murmuration.worker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class PermutationTest {
  @Property(tries = 300)
  void givesEveryNumberAPlaceOfItsOwn(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 2_000) int size) {
    var permutation = new Permutation(seed, size);

    assertThat(LongStream.range(0, size).map(permutation::of).sorted())
        .containsExactlyElementsOf(LongStream.range(0, size).boxed().toList());
  }

  @Property(tries = 300)
  void staysBelowAnySize(
      @ForAll long seed, @ForAll @LongRange(min = 1, max = Long.MAX_VALUE / 4) long size) {
    assertThat(new Permutation(seed, size).of(size - 1)).isBetween(0L, size - 1);
  }

  /**
   * Of 64 cells by where a number was and where it goes, each has a 64th of all; the statistic of
   * Pearson's test with 49 degrees of freedom is below 90 but once in 3,000 times.
   */
  @Test
  void spreadsNeighboursOverAllPlaces() {
    int size = 50_000;
    int cells = 8;
    for (long seed = 0; seed < 20; seed++) {
      var permutation = new Permutation(seed, size);
      var counts = new int[cells][cells];
      for (int i = 0; i < size; i++) {
        counts[i * cells / size][(int) (permutation.of(i) * cells / size)]++;
      }
      double expected = (double) size / (cells * cells);
      double statistic = 0;
      for (var row : counts) {
        for (int count : row) {
          statistic += (count - expected) * (count - expected) / expected;
        }
      }
      assertThat(statistic).as("seed %d", seed).isLessThan(90);
    }
  }

  @Test
  void differsFromSeedToSeedAndIsTheSameForOne() {
    var orders =
        LongStream.range(0, 100).mapToObj(seed -> order(new Permutation(seed, 20))).distinct();

    assertThat(orders).hasSize(100);
    assertThat(order(new Permutation(5, 20))).isEqualTo(order(new Permutation(5, 20)));
  }

  @Test
  void refusesWhatIsBeyondItsSize() {
    assertThatThrownBy(() -> new Permutation(1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Permutation(1, 5).of(5))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new Permutation(1, 5).of(-1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void leavesTheFirstDealAsItIs() {
    assertThat(LongStream.range(0, 9).map(new Deal(3, 0, 9)::position))
        .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
    var second = LongStream.range(0, 9).map(new Deal(3, 1, 9)::position).boxed().toList();
    var third = LongStream.range(0, 9).map(new Deal(3, 2, 9)::position).boxed().toList();
    assertThat(second).isNotEqualTo(third).containsExactlyInAnyOrderElementsOf(third);
  }

  private static List<Long> order(Permutation permutation) {
    return LongStream.range(0, permutation.size()).map(permutation::of).boxed().toList();
  }
}
