package org.murmuration.worker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EpochOrderTest {

  @Property(tries = 200)
  void shouldGiveEveryStepTheSameSamplesWhateverTheNumberOfRanks(
      @ForAll long seed,
      @ForAll @IntRange(max = 300) int n,
      @ForAll @IntRange(min = 1, max = 20) int globalBatch,
      @ForAll @IntRange(min = 1, max = 20) int ranks,
      @ForAll @IntRange(max = 1000) int epoch) {
    int worldSize = Math.min(ranks, globalBatch);
    EpochOrder alone = order(seed, globalBatch, 0, 1, n);
    List<EpochOrder> world =
        IntStream.range(0, worldSize)
            .mapToObj(rank -> order(seed, globalBatch, rank, worldSize, n))
            .toList();

    List<Integer> seen = new ArrayList<>();
    for (int step = 0; step < alone.steps(); step++) {
      List<Integer> together = new ArrayList<>();
      for (EpochOrder order : world) {
        int[] indices = order.localIndices(epoch, step);
        assertThat(indices).hasSize(order.count(step));
        IntStream.of(indices).forEach(together::add);
      }
      int[] expected = alone.localIndices(epoch, step);
      assertThat(together)
          .containsExactlyInAnyOrderElementsOf(IntStream.of(expected).boxed().toList());
      assertThat(expected.length).isEqualTo(Math.min(globalBatch, n - step * globalBatch));
      seen.addAll(together);
    }
    assertThat(seen).containsExactlyInAnyOrderElementsOf(IntStream.range(0, n).boxed().toList());
    assertThat(alone.steps()).isEqualTo((n + globalBatch - 1) / globalBatch);
    assertThat(world.stream().mapToLong(EpochOrder::samples).sum()).isEqualTo(n);
  }

  @Property(tries = 100)
  void shouldNotDependOnTheOrderOfAdding(
      @ForAll long seed,
      @ForAll @IntRange(max = 200) int n,
      @ForAll @IntRange(min = 1, max = 10) int globalBatch) {
    List<Integer> samples = new ArrayList<>(IntStream.range(0, n).boxed().toList());
    Collections.shuffle(samples, new Random(seed));
    EpochOrder order = new EpochOrder(seed, globalBatch, 0, 1);
    samples.forEach(i -> order.add(i, i));

    assertThat(epoch(order, 3)).isEqualTo(epoch(order(seed, globalBatch, 0, 1, n), 3));
  }

  @Property(tries = 100)
  void shouldShuffleAnewForEveryEpochAndSeedAndTheSameForTheSame(
      @ForAll long seed, @ForAll @IntRange(max = 100_000) int epoch) {
    EpochOrder order = order(seed, 4, 0, 1, 200);
    List<List<Integer>> first = epoch(order, epoch);

    assertThat(epoch(order, epoch + 1)).isNotEqualTo(first);
    assertThat(epoch(order(seed + 1, 4, 0, 1, 200), epoch)).isNotEqualTo(first);
    assertThat(epoch(order, epoch)).isEqualTo(first);
    assertThat(epoch(order(seed, 4, 0, 1, 200), epoch)).isEqualTo(first);
  }

  /** The lanes were computed with arbitrary-precision integers by another program. */
  @Test
  void shouldFollowTheDocumentedGenerator() {
    EpochOrder order = order(42, 3, 0, 1, 20);

    assertThat(epoch(order, 0))
        .isEqualTo(
            List.of(
                List.of(15, 1, 2),
                List.of(9, 7, 17),
                List.of(0, 4, 5),
                List.of(6, 10, 14),
                List.of(12, 19, 11),
                List.of(18, 16, 8),
                List.of(3, 13)));
    assertThat(epoch(order, 1))
        .isEqualTo(
            List.of(
                List.of(3, 13, 17),
                List.of(6, 1, 14),
                List.of(0, 19, 8),
                List.of(9, 16, 2),
                List.of(12, 4, 11),
                List.of(15, 10, 5),
                List.of(18, 7)));
    assertThat(epoch(order(-7, 1, 0, 1, 12), 3).stream().flatMap(List::stream))
        .containsExactly(11, 9, 5, 6, 2, 8, 4, 0, 7, 3, 1, 10);
  }

  /** Chi-squared over the 24 orders of a lane of 4: 23 degrees of freedom, 49.7 at p = 0.001. */
  @Test
  void shouldDrawEveryOrderEquallyOften() {
    int epochs = 24_000;
    int[] seen = new int[256];
    EpochOrder order = order(1, 1, 0, 1, 4);
    for (int epoch = 0; epoch < epochs; epoch++) {
      int code = 0;
      for (int step = 0; step < 4; step++) {
        code = code * 4 + order.localIndices(epoch, step)[0];
      }
      seen[code]++;
    }
    double chiSquared =
        IntStream.of(seen)
            .filter(c -> c > 0)
            .mapToDouble(c -> (c - 1000.0) * (c - 1000) / 1000)
            .sum();
    assertThat(IntStream.of(seen).filter(c -> c > 0).count()).isEqualTo(24);
    assertThat(chiSquared).isLessThan(49.7);
  }

  @Test
  void shouldNumberSamplesByTheirLocalIndex() {
    EpochOrder order = new EpochOrder(5, 4, 1, 2);
    assertThat(IntStream.range(0, 9).filter(order::owns)).containsExactly(1, 3, 5, 7);
    order.add(1, 100);
    order.add(7, 101);
    assertThat(order.localIndices(0, 0)).containsExactly(100, 101);
    assertThat(order.steps()).isEqualTo(1);
    assertThat(order.count(0)).isEqualTo(2);
    assertThat(order.count(1)).isZero();
    assertThat(order.localIndices(0, 1)).isEmpty();
  }

  @Test
  void shouldHaveNoStepsWithoutSamples() {
    EpochOrder order = new EpochOrder(5, 4, 1, 2);
    assertThat(order.steps()).isZero();
    assertThat(order.samples()).isZero();
    assertThat(order.count(0)).isZero();
  }

  @Test
  void shouldReachGlobalIndicesBeyondAnInt() {
    EpochOrder order = new EpochOrder(5, 1000, 7, 1000);
    order.add(2_000_000_000_007L, 1);
    order.add(7, 2);
    assertThat(order.localIndices(0, 0)[0] + order.localIndices(0, 1)[0]).isEqualTo(3);
  }

  @Test
  void shouldRefuseSampleOfAnotherRank() {
    EpochOrder order = new EpochOrder(5, 4, 1, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> order.add(6, 0))
        .withMessageContaining("sample 6 is in lane 2, which rank 1 of 2 does not own");
    assertThat(order.owns(-1)).isFalse();
  }

  @Test
  void shouldRefuseSampleAddedTwice() {
    EpochOrder order = new EpochOrder(5, 4, 1, 2);
    order.add(5, 0);
    order.add(5, 1);
    assertThatIllegalStateException()
        .isThrownBy(() -> order.localIndices(0, 0))
        .withMessageContaining("sample 5");
  }

  @Test
  void shouldRefuseWorldThatDoesNotFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EpochOrder(1, 4, 0, 5))
        .withMessageContaining("global batch 4 is smaller than the 5 ranks");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EpochOrder(1, 4, 2, 2))
        .withMessageContaining("was 2 of 2");
    assertThatIllegalArgumentException().isThrownBy(() -> new EpochOrder(1, 4, -1, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> new EpochOrder(1, 0, 0, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EpochOrder(1, 1, 0, 1).localIndices(-1, 0));
  }

  /** The order of a rank whose local indices are the global ones. */
  private static EpochOrder order(long seed, int globalBatch, int rank, int worldSize, int n) {
    EpochOrder order = new EpochOrder(seed, globalBatch, rank, worldSize);
    IntStream.range(0, n).filter(order::owns).forEach(i -> order.add(i, i));
    return order;
  }

  private static List<List<Integer>> epoch(EpochOrder order, int epoch) {
    return IntStream.range(0, order.steps())
        .mapToObj(step -> IntStream.of(order.localIndices(epoch, step)).boxed().toList())
        .toList();
  }
}
