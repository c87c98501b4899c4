package org.murmuration.worker.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.collective.ProcessRank.Place;

/** Ranks that are processes, of which one is killed or stands still. */
@Timeout(120)
class KilledPeerTest {
  private static final int WORLD = 3;
  private static final int SIZE = 100_003;
  private static final Duration PATIENCE = Duration.ofSeconds(6);

  /** For a machine that is busy with other things. */
  private static final Duration SLACK = Duration.ofSeconds(2);

  private static final Duration ENOUGH = Duration.ofSeconds(30);

  @TempDir private Path directory;

  private final List<RankProcess> started = new ArrayList<>();

  @AfterEach
  void end() {
    CloseHelper.closeAll(started);
  }

  private RankProcess start(int rank, int attempt, int hosts, String task, int... sizes) {
    var host = directory.resolve("host" + rank % hosts);
    var process =
        RankProcess.start(
            new Place(rank, WORLD, attempt, "127.0.0.1", host, PATIENCE), task, sizes);
    started.add(process);
    return process;
  }

  /** Ranks that have begun to sum and do so forever; rank 0 has its host's media driver. */
  private List<RankProcess> summing(int attempt, int hosts) {
    var ranks = new ArrayList<>(List.of(start(0, attempt, hosts, "sum-forever", SIZE)));
    ranks.get(0).awaitRendezvous();
    for (int rank = 1; rank < WORLD; rank++) {
      ranks.add(start(rank, attempt, hosts, "sum-forever", SIZE));
    }
    return ranks;
  }

  private static void awaitSums(List<RankProcess> ranks) {
    await().atMost(ENOUGH).until(() -> ranks.stream().allMatch(rank -> rank.results().size() > 2));
  }

  /** The next attempt on the same hosts, of which the first may still have something. */
  private void requireThatTheNextAttemptSums(int hosts) {
    var ranks =
        IntStream.range(0, WORLD).mapToObj(rank -> start(rank, 1, hosts, "sum", 1, SIZE)).toList();
    RankProcess.meet(ranks);
    RankProcess.meet(ranks);
    assertThat(ranks)
        .allSatisfy(
            rank -> {
              assertThat(rank.endsWithin(ENOUGH)).isTrue();
              assertThat(rank.results())
                  .containsExactly(
                      ProcessesTest.expectedSum(WORLD, 1), ProcessesTest.expectedSum(WORLD, SIZE));
            });
  }

  private static void requireThatAllName(
      RankProcess victim, List<RankProcess> survivors, long eventNs) {
    assertThat(survivors)
        .allSatisfy(
            rank -> {
              assertThat(rank.endsWithin(ENOUGH)).as("%s ends", rank).isTrue();
              var failure = rank.failure().orElseThrow();
              assertThat(failure.message())
                  .containsPattern("rank " + victim.rank() + " at 127.0.0.1:\\d+");
              assertThat(failure.after(eventNs)).isLessThan(PATIENCE.plus(SLACK));
            });
  }

  private static List<RankProcess> without(RankProcess victim, List<RankProcess> ranks) {
    return ranks.stream().filter(rank -> rank != victim).toList();
  }

  /** On one host rank 0 is also the process whose media driver the others use. */
  @ParameterizedTest
  @CsvSource({"1,0", "1,1", "3,1"})
  void shouldNameAKilledPeerAndSumInTheNextAttempt(int hosts, int victimRank) {
    var ranks = summing(0, hosts);
    RankProcess.meet(ranks);
    awaitSums(ranks);
    var victim = ranks.get(victimRank);

    var killedNs = System.nanoTime();
    victim.kill();

    requireThatAllName(victim, without(victim, ranks), killedNs);
    requireThatTheNextAttemptSums(hosts);
  }

  @ParameterizedTest
  @CsvSource({"1,0", "1,1", "3,1"})
  void shouldNameAFrozenPeerAndSumInTheNextAttempt(int hosts, int victimRank) {
    var ranks = summing(0, hosts);
    RankProcess.meet(ranks);
    awaitSums(ranks);
    var victim = ranks.get(victimRank);

    var frozenNs = System.nanoTime();
    victim.freeze();

    requireThatAllName(victim, without(victim, ranks), frozenNs);
    requireThatTheNextAttemptSums(hosts);
    victim.thaw();
    assertThat(victim.endsWithin(ENOUGH)).as("the thawed one ends").isTrue();
    assertThat(victim.failure()).isPresent();
    for (int host = 0; host < hosts; host++) {
      assertThat(directory.resolve("host" + host)).isEmptyDirectory();
    }
  }

  /** It has the addresses and even the secret of the attempt that runs. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void shouldNotBeDisturbedByARankOfAnEarlierAttempt(int hosts) {
    var ranks = summing(1, hosts);
    var addresses = RankProcess.meet(ranks);
    awaitSums(ranks);

    var late = start(1, 0, hosts, "sum-forever", SIZE);
    late.awaitRendezvous();
    late.answer(addresses);

    assertThat(late.endsWithin(ENOUGH)).isTrue();
    assertThat(late.failure().orElseThrow().message())
        .containsPattern("rank 1 at 127\\.0\\.0\\.1:\\d+ could not connect");
    assertThat(late.results()).isEmpty();
    assertThat(ranks)
        .allSatisfy(
            rank -> {
              var before = rank.results().size();
              await().until(() -> rank.results().size() > before);
            });
  }
}
