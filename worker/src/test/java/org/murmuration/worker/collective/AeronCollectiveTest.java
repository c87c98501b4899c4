package org.murmuration.worker.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.transport.Security;
import org.murmuration.worker.transport.TransportSettings;

/** Ranks that are threads, over Aeron: in one process, on one host, and on several. */
@Timeout(120)
class AeronCollectiveTest {
  private static final int[] SIZES = {0, 1, 4, 100, 1000, 10_000, 1_000_003};

  @TempDir private Path directory;

  /** Ranks that share a folder share a media driver, as those of one host do. */
  private IntFunction<CollectiveSettings> hosts(
      int hosts, Algorithm algorithm, TransportSettings settings) {
    return rank ->
        CollectiveSettings.exact(
            algorithm, settings.withDirectory(directory.resolve("host" + rank % hosts).toString()));
  }

  /** Rank r holds (i mod 97) + r at index i; sums are whole numbers, so fp32 adds them exactly. */
  private static UnsafeBuffer vectorOf(int rank, int size) {
    var vector = new UnsafeBuffer(ByteBuffer.allocateDirect(size * Float.BYTES));
    for (int i = 0; i < size; i++) {
      vector.putFloat(i * Float.BYTES, i % 97 + rank);
    }
    return vector;
  }

  private static Void reduceAllSizes(Collective collective) {
    var worldSize = collective.worldSize();
    for (int size : SIZES) {
      var vector = vectorOf(collective.rank(), size);
      collective.allReduceSum(vector, Residual.none());
      for (int i = 0; i < size; i++) {
        var expected = (float) (worldSize * (i % 97) + worldSize * (worldSize - 1) / 2);
        if (vector.getFloat(i * Float.BYTES) != expected) {
          assertThat(vector.getFloat(i * Float.BYTES))
              .as("element %d of %d", i, size)
              .isEqualTo(expected);
        }
      }
    }
    return null;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void shouldSumInOneProcess(int worldSize) {
    Ranks.overAeron(worldSize, TransportSettings.defaults(), AeronCollectiveTest::reduceAllSizes);
  }

  @ParameterizedTest
  @CsvSource({"2,RING", "3,RING", "8,RING", "3,RECURSIVE_DOUBLING"})
  void shouldSumThroughTheSharedMemoryOfAHost(int worldSize, Algorithm algorithm) {
    Ranks.overAeron(
        worldSize,
        hosts(1, algorithm, TransportSettings.defaults()),
        AeronCollectiveTest::reduceAllSizes);
  }

  @ParameterizedTest
  @EnumSource(Security.class)
  void shouldSumOverUdp(Security security) {
    Ranks.overAeron(
        3,
        hosts(3, Algorithm.RING, TransportSettings.defaults().withSecurity(security)),
        AeronCollectiveTest::reduceAllSizes);
  }

  @ParameterizedTest
  @CsvSource({"2,AUTO", "5,HIERARCHICAL", "5,AUTO", "5,RECURSIVE_DOUBLING"})
  void shouldSumOverHostsWithSeveralRanks(int worldSize, Algorithm algorithm) {
    Ranks.overAeron(
        worldSize,
        hosts(2, algorithm, TransportSettings.defaults()),
        AeronCollectiveTest::reduceAllSizes);
  }

  @Test
  void shouldSayThatAPeerIsSlowAndWhatItDoes() {
    var settings = TransportSettings.defaults().withPeerTimeout(Duration.ofSeconds(2));
    var done = new CountDownLatch(1);
    assertThatThrownBy(
            () ->
                Ranks.overAeron(
                    2,
                    hosts(2, Algorithm.RING, settings),
                    collective -> {
                      if (collective.rank() == 1) {
                        collective.announce("computing", 17);
                        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
                        return null;
                      }
                      try {
                        collective.allReduceSum(vectorOf(0, 1000), Residual.none());
                      } finally {
                        done.countDown();
                      }
                      return null;
                    }))
        .isInstanceOf(CollectiveException.class)
        .hasMessageMatching(
            "rank 0 waited 2 s for rank 1 at 127.0.0.1:\\d+: .*alive but slow: last heard"
                + " [01]\\.\\d s ago, computing in step 17 for [12]\\.\\d s; see.*"
                + "averaging\\.peer-timeout.*");
  }

  @Test
  void shouldTellEveryRankWhichOneWasLost() {
    var settings = TransportSettings.defaults().withPeerTimeout(Duration.ofSeconds(8));
    var failures =
        Ranks.overAeron(
            4,
            hosts(4, Algorithm.RING, settings),
            collective -> {
              collective.allGather(new byte[1]);
              if (collective.rank() == 2) {
                collective.close();
                return "left";
              }
              try {
                collective.allReduceSum(vectorOf(0, 5_000_000), Residual.none());
                return "summed";
              } catch (CollectiveException e) {
                return e.getMessage();
              } finally {
                collective.close();
              }
            });
    assertThat(failures.get(2)).isEqualTo("left");
    assertThat(List.of(failures.get(0), failures.get(1), failures.get(3)))
        .allSatisfy(
            message ->
                assertThat(message)
                    .containsPattern("(to|from) rank 2 at 127.0.0.1:\\d+ has ended"));
  }

  @Test
  void shouldPassOnWhyARankFailed() {
    var failures =
        Ranks.overAeron(
            3,
            hosts(3, Algorithm.RING, TransportSettings.defaults()),
            collective -> {
              collective.allGather(new byte[1]);
              if (collective.rank() == 1) {
                collective.abort("the loss is NaN");
                collective.close();
                return "";
              }
              try {
                collective.allReduceSum(vectorOf(0, 5_000_000), Residual.none());
                return "summed";
              } catch (CollectiveException e) {
                return e.getMessage();
              } finally {
                collective.close();
              }
            });
    assertThat(List.of(failures.get(0), failures.get(2)))
        .allSatisfy(message -> assertThat(message).contains("rank 1 failed: the loss is NaN"));
  }
}
