package org.murmuration.worker.collective;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.collective.codec.Wire;
import org.murmuration.worker.transport.TransportSettings;

class AllReduceTest {
  private static final int[] SIZES = {0, 1, 4, 100, 1000, 10_000, 1_000_003};
  private static final int FRAME = 8_128;
  private static final Residual NO_RESIDUAL = Residual.none();

  /**
   * Rank r holds (i mod 97) + r at index i. Every value and every partial sum is a whole number
   * below 2^24, so fp32 addition is exact and the sum is P (i mod 97) + P(P-1)/2.
   */
  private static UnsafeBuffer vectorOf(int rank, int size) {
    var vector = new UnsafeBuffer(new byte[size * Float.BYTES]);
    for (int i = 0; i < size; i++) {
      vector.putFloat(i * Float.BYTES, i % 97 + rank);
    }
    return vector;
  }

  private static void assertSummed(UnsafeBuffer vector, int worldSize, int size) {
    for (int i = 0; i < size; i++) {
      var expected = (float) (worldSize * (i % 97) + worldSize * (worldSize - 1) / 2);
      if (vector.getFloat(i * Float.BYTES) != expected) {
        assertThat(vector.getFloat(i * Float.BYTES))
            .as("element %d of %d", i, size)
            .isEqualTo(expected);
      }
    }
  }

  private static Void reduceAllSizes(Collective collective) {
    for (int size : SIZES) {
      var vector = vectorOf(collective.rank(), size);
      collective.allReduceSum(vector, NO_RESIDUAL);
      assertSummed(vector, collective.worldSize(), size);
    }
    return null;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
  void shouldSumVectorsOfEverySizeInMemory(int worldSize) {
    Ranks.inMemory(worldSize, FRAME, AllReduceTest::reduceAllSizes);
  }

  @Property(tries = 60)
  void shouldSumWithAnyFrameLength(
      @ForAll @IntRange(min = 1, max = 6) int worldSize,
      @ForAll @IntRange(max = 300) int size,
      @ForAll @IntRange(min = 1, max = 40) int floatsPerFrame) {
    Ranks.inMemory(
        worldSize,
        floatsPerFrame * Float.BYTES,
        collective -> {
          var vector = vectorOf(collective.rank(), size);
          collective.allReduceSum(vector, NO_RESIDUAL);
          assertSummed(vector, worldSize, size);
          return null;
        });
  }

  @Test
  void shouldGiveEveryRankTheSameBitsAndRepeatThem() {
    var first = checksumsOfInexactSums();
    assertThat(first).hasSize(3).allMatch(first.get(0)::equals);
    assertThat(checksumsOfInexactSums()).isEqualTo(first);
  }

  private static List<Long> checksumsOfInexactSums() {
    return Ranks.inMemory(
        3,
        FRAME,
        collective -> {
          var vector = new UnsafeBuffer(new byte[10_001 * Float.BYTES]);
          for (int i = 0; i < 10_001; i++) {
            vector.putFloat(i * Float.BYTES, (float) Math.sin(i * 3.7 + collective.rank()));
          }
          collective.allReduceSum(vector, NO_RESIDUAL);
          var checksum = new CRC32C();
          checksum.update(vector.byteArray());
          return checksum.getValue();
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void shouldGatherMessagesOfAnyLengthInOrderOfRank(int worldSize) {
    var gathered =
        Ranks.inMemory(
            worldSize,
            64,
            collective -> {
              var mine = ("rank" + collective.rank()).repeat(collective.rank() * 50);
              return collective.allGather(mine.getBytes(UTF_8)).stream()
                  .map(bytes -> new String(bytes, UTF_8))
                  .toList();
            });
    List<String> expected = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      expected.add(("rank" + rank).repeat(rank * 50));
    }
    assertThat(gathered).hasSize(worldSize).allMatch(expected::equals);
  }

  @Property(tries = 80)
  void shouldSumWhereverTheRanksAre(
      @ForAll @IntRange(min = 1, max = 9) int worldSize,
      @ForAll @IntRange(min = 1, max = 9) int processes,
      @ForAll @IntRange(min = 1, max = 9) int hosts,
      @ForAll Algorithm algorithm,
      @ForAll @IntRange(max = 20_000) int size) {
    Ranks.inMemory(
        InMemoryWorld.topology(worldSize, processes, hosts),
        CollectiveSettings.exact(algorithm, TransportSettings.defaults()),
        FRAME,
        collective -> {
          for (int repeat = 0; repeat < 2; repeat++) {
            var vector = vectorOf(collective.rank(), size);
            collective.allReduceSum(vector, NO_RESIDUAL);
            assertSummed(vector, worldSize, size);
          }
          return null;
        });
  }

  /** What a lossy wire holds back in one sum it gives in the next: in all, nothing is lost. */
  @Property(tries = 40)
  void shouldLoseNothingForGoodOnALossyWire(
      @ForAll @IntRange(min = 2, max = 5) int worldSize,
      @ForAll @IntRange(min = 1, max = 3) int hosts,
      @ForAll("lossy") Wire wire,
      @ForAll @IntRange(min = 1, max = 500) int size,
      @ForAll long seed) {
    var steps = 6;
    var results =
        Ranks.inMemory(
            InMemoryWorld.topology(worldSize, worldSize, hosts),
            new CollectiveSettings(Algorithm.RING, wire, 0.2, TransportSettings.defaults()),
            FRAME,
            collective -> {
              var residual = Residual.of(size);
              var received = new double[size];
              var given = new double[size];
              var random = new Random(seed + collective.rank());
              var vector = new UnsafeBuffer(ByteBuffer.allocateDirect(size * Float.BYTES));
              for (int step = 0; step < steps; step++) {
                for (int i = 0; i < size; i++) {
                  var value = (float) random.nextGaussian();
                  given[i] += value;
                  vector.putFloat(i * Float.BYTES, value);
                }
                collective.allReduceSum(vector, residual);
                for (int i = 0; i < size; i++) {
                  received[i] += vector.getFloat(i * Float.BYTES);
                }
              }
              return new Outcome(given, received, valuesOf(residual));
            });
    for (int i = 0; i < size; i++) {
      double given = 0;
      double kept = 0;
      for (var rank : results) {
        given += rank.given[i];
        kept += rank.kept[i];
        assertThat(rank.received[i]).isEqualTo(results.get(0).received[i]);
      }
      assertThat(results.get(0).received[i] + kept).isCloseTo(given, within(1e-4));
    }
  }

  @Provide
  Arbitrary<Wire> lossy() {
    return Arbitraries.of(Wire.BF16, Wire.FP16, Wire.THRESHOLD);
  }

  /** Of one rank: all it gave, all that came back, and what it still keeps. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by element, never as records.
  private record Outcome(double[] given, double[] received, double[] kept) {}

  private static double[] valuesOf(Residual residual) {
    var values = new double[residual.values().capacity() / Float.BYTES];
    for (int i = 0; i < values.length; i++) {
      values[i] = residual.values().getFloat(i * Float.BYTES);
    }
    return values;
  }
}
