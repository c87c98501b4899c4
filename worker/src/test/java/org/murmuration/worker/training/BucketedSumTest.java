package org.murmuration.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.collective.Collective;
import org.murmuration.worker.collective.Ranks;

class BucketedSumTest {
  private static final int RANKS = 3;

  @Property
  void shouldCutAVectorIntoPartsFromItsEndToItsStart(
      @ForAll @IntRange(min = 1, max = 5000) int length,
      @ForAll @IntRange(min = 4, max = 8000) int bytes) {
    var buckets = Buckets.of(length, bytes);

    var end = length;
    for (int b = 0; b < buckets.count(); b++) {
      assertThat(buckets.start(b) + buckets.size(b)).isEqualTo(end);
      assertThat(buckets.size(b)).isBetween(1, Math.max(1, bytes / Float.BYTES));
      end = buckets.start(b);
    }
    assertThat(end).isZero();
    if (buckets.count() > 2) {
      assertThat(buckets.size(0)).isLessThanOrEqualTo(buckets.size(1));
    }
  }

  /** Whatever is ready when, each bucket is summed alone, so that every bit is the same. */
  @Property(tries = 30)
  void shouldGiveTheSameBitsWithAndWithoutOverlap(
      @ForAll @IntRange(min = 1, max = 3000) int length,
      @ForAll @IntRange(min = 64, max = 4000) int bytes,
      @ForAll long seed) {
    var overlapped =
        Ranks.inMemory(
            RANKS, 8_128, collective -> sum(collective, length, bytes, seed, pieces(length, seed)));
    var afterwards =
        Ranks.inMemory(RANKS, 8_128, collective -> sum(collective, length, bytes, seed, List.of()));

    assertThat(overlapped).isEqualTo(afterwards).allMatch(overlapped.get(0)::equals);
    for (int i = 0; i < length; i++) {
      var index = i;
      var expected =
          IntStream.range(0, RANKS).mapToDouble(rank -> values(rank, length, seed)[index]).sum();
      assertThat((double) overlapped.get(0).get(i)).isCloseTo(expected, within(1e-5));
    }
  }

  /** Two sums, for the second must not remember the first. */
  private static List<Float> sum(
      Collective collective, int length, int bytes, long seed, List<int[]> pieces) {
    List<Float> sums = new ArrayList<>();
    var vector = BucketedSum.allocate(length);
    try (var sum = new BucketedSum(collective, vector, bytes)) {
      for (int round = 0; round < 2; round++) {
        sums.clear();
        var listener = sum.begin();
        var values = values(collective.rank(), length, seed);
        for (var piece : pieces) {
          fill(vector, values, piece[0], piece[0] + piece[1]);
          listener.ready(piece[0], piece[1]);
        }
        if (pieces.isEmpty()) {
          fill(vector, values, 0, length);
        }
        sum.finish();
        for (int i = 0; i < length; i++) {
          sums.add(vector.getFloat(i * Float.BYTES));
        }
      }
    }
    return sums;
  }

  private static void fill(UnsafeBuffer vector, float[] values, int from, int to) {
    for (int i = from; i < to; i++) {
      vector.putFloat(i * Float.BYTES, values[i]);
    }
  }

  private static float[] values(int rank, int length, long seed) {
    var random = new Random(seed * 31 + rank);
    var values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** The vector in parts that become ready in some order. */
  private static List<int[]> pieces(int length, long seed) {
    var random = new Random(seed);
    List<int[]> pieces = new ArrayList<>();
    for (int start = 0; start < length; ) {
      var size = Math.min(length - start, 1 + random.nextInt(500));
      pieces.add(new int[] {start, size});
      start += size;
    }
    Collections.shuffle(pieces, random);
    return pieces;
  }
}
