package org.murmuration.worker.collective;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The collective between ranks that are processes of their own. */
class ProcessesTest {
  private static final int[] SIZES = {0, 1, 4, 100, 1000, 10_000, 1_000_003};

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  @Timeout(120)
  void shouldSumAcrossProcesses(int worldSize) {
    List<RankProcess> ranks = new ArrayList<>();
    try {
      for (int rank = 0; rank < worldSize; rank++) {
        var place =
            new ProcessRank.Place(
                rank, worldSize, 0, "127.0.0.1", directory, Duration.ofSeconds(20));
        ranks.add(RankProcess.start(place, "sum", SIZES));
      }
      RankProcess.meet(ranks);
      RankProcess.meet(ranks);
      var expected = Arrays.stream(SIZES).mapToObj(size -> expectedSum(worldSize, size)).toList();
      assertThat(ranks)
          .allSatisfy(rank -> assertThat(rank.endsWithin(Duration.ofSeconds(30))).isTrue());
      assertThat(ranks).allSatisfy(rank -> assertThat(rank.results()).isEqualTo(expected));
    } finally {
      CloseHelper.closeAll(ranks);
    }
  }

  /** The sum over i of P (i mod 89) + P(P-1)/2. */
  static long expectedSum(int worldSize, int size) {
    long whole = size / 89;
    long rest = size % 89;
    long remainders = whole * (88 * 89 / 2) + rest * (rest - 1) / 2;
    return worldSize * remainders + (long) size * worldSize * (worldSize - 1) / 2;
  }
}
