package org.murmuration.worker.collective;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.transport.TransportSettings;

class RingCollectiveTest {
  private static final int[] SIZES = {0, 1, 4, 100, 1000, 10_000, 1_000_003};
  private static final int FRAME = 8_128;

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
      collective.allReduceSum(vector);
      assertSummed(vector, collective.worldSize(), size);
    }
    return null;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
  void shouldSumVectorsOfEverySizeInMemory(int worldSize) {
    Ranks.inMemory(worldSize, FRAME, RingCollectiveTest::reduceAllSizes);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
  void shouldSumVectorsOfEverySizeOverAeron(int worldSize) {
    Ranks.overAeron(worldSize, TransportSettings.defaults(), RingCollectiveTest::reduceAllSizes);
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
          collective.allReduceSum(vector);
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
          collective.allReduceSum(vector);
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

  @Test
  void shouldNameTheSilentNeighbourWithinThePeerTimeout() {
    var settings = new TransportSettings(Duration.ofSeconds(2), 0, "");
    assertThatThrownBy(
            () ->
                Ranks.overAeron(
                    2,
                    settings,
                    collective -> {
                      if (collective.rank() == 0) {
                        collective.allReduceSum(vectorOf(0, 1000));
                      }
                      return null;
                    }))
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("rank 0 waited 2 s for rank 1 at 127.0.0.1:")
        .hasMessageContaining("averaging.peer-timeout");
  }

  @Test
  void shouldTellALostRankFromASlowOne() {
    var settings = new TransportSettings(Duration.ofSeconds(8), 0, "");
    var connected = new CountDownLatch(2);
    assertThatThrownBy(
            () ->
                Ranks.overAeron(
                    2,
                    settings,
                    collective -> {
                      collective.allGather(new byte[1]);
                      connected.countDown();
                      if (!connected.await(10, TimeUnit.SECONDS)) {
                        throw new AssertionError("the ranks did not connect");
                      }
                      if (collective.rank() == 1) {
                        collective.close();
                      } else {
                        collective.allReduceSum(vectorOf(0, 5_000_000));
                      }
                      return null;
                    }))
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("rank 0 lost rank 1 at 127.0.0.1:");
  }
}
