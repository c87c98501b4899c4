package org.murmuration.worker.collective;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.murmuration.worker.transport.Impairment;
import org.murmuration.worker.transport.PortRange;
import org.murmuration.worker.transport.Security;
import org.murmuration.worker.transport.SpoiledNetwork;
import org.murmuration.worker.transport.TransportSettings;

/** Sums over UDP between hosts whose network is bad: exact or a named error, and never a hang. */
@Timeout(60)
class LossyNetworkTest {
  /** As on Ethernet, so that a vector takes many packets. */
  private static final int MTU = 1408;

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** For a machine that is busy with other things. */
  private static final Duration SLACK = Duration.ofSeconds(2);

  /** More sums than there is time for in the dark. */
  private static final int MANY = 20;

  @TempDir private Path directory;

  private IntFunction<CollectiveSettings> hostsApart(Duration patience, Security security) {
    return rank ->
        CollectiveSettings.exact(
            Algorithm.AUTO,
            new TransportSettings(
                patience,
                security,
                "",
                PortRange.ANY,
                MTU,
                0,
                directory.resolve("host" + rank).toString()));
  }

  /**
   * Sums vectors of these sizes.
   *
   * @param spoiled how often the network did what the test is about
   */
  private void sumOver(
      int worldSize,
      Impairment impairment,
      Security security,
      ToLongFunction<SpoiledNetwork> spoiled,
      int... sizes) {
    try (var network = new SpoiledNetwork(impairment, 1)) {
      Ranks.overAeron(
          worldSize,
          hostsApart(PATIENCE, security),
          network::around,
          collective -> {
            WholeNumbers.sumAll(collective, sizes);
            return null;
          });
      assertThat(spoiled.applyAsLong(network)).isPositive();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2,0.001,AUTHENTICATE",
    "3,0.01,AUTHENTICATE",
    "2,0.01,ENCRYPT",
    "2,0.05,AUTHENTICATE",
    "3,0.05,ENCRYPT"
  })
  void shouldSumExactlyWhenDatagramsAreLost(int worldSize, double loss, Security security) {
    sumOver(
        worldSize,
        Impairment.NONE.withLoss(loss),
        security,
        SpoiledNetwork::lost,
        1,
        1000,
        10_000,
        1_000_003);
  }

  @ParameterizedTest
  @CsvSource({"2,1", "3,20", "2,100"})
  void shouldSumExactlyWhenDatagramsAreLate(int worldSize, int delayMs) {
    var delay = Duration.ofMillis(delayMs);
    sumOver(
        worldSize,
        Impairment.NONE.withDelay(delay, delay.dividedBy(2)),
        Security.AUTHENTICATE,
        SpoiledNetwork::reordered,
        1,
        1000,
        100_003);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void shouldSumExactlyWhenDatagramsComeTwiceAndOutOfOrder(int worldSize) {
    var spoiled =
        Impairment.NONE
            .withDelay(Duration.ofMillis(2), Duration.ofMillis(2))
            .withReorder(0.2)
            .withDuplicate(0.2);
    sumOver(
        worldSize,
        spoiled,
        Security.ENCRYPT,
        network -> Math.min(network.duplicated(), network.reordered()),
        1,
        1000,
        300_007);
  }

  /** The queue is shorter than what may be under way, so it overflows. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void shouldSumExactlyOverAFullLink(int worldSize) {
    sumOver(
        worldSize,
        Impairment.NONE.withCap(100_000_000, 256 * 1024),
        Security.AUTHENTICATE,
        SpoiledNetwork::lost,
        1,
        1000,
        1_000_003);
  }

  @Test
  void shouldSumOnAfterABlackOutShorterThanThePatience() {
    var blackOut = Duration.ofSeconds(5);
    var clock = Executors.newSingleThreadScheduledExecutor();
    try (var network = new SpoiledNetwork(Impairment.NONE, 1)) {
      var light = new CompletableFuture<Future<?>>();
      Ranks.overAeron(
          3,
          hostsApart(PATIENCE, Security.AUTHENTICATE),
          network::around,
          collective -> {
            WholeNumbers.sumAll(collective, 1000, 100_003);
            if (collective.rank() == 0) {
              network.become(Impairment.blackout());
              light.complete(
                  clock.schedule(
                      () -> network.become(Impairment.NONE), blackOut.toMillis(), MILLISECONDS));
            }
            WholeNumbers.sumAll(collective, 1000, 100_003);
            assertThat(light.join()).isDone();
            return null;
          });
    } finally {
      clock.shutdownNow();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void shouldNameARankWhenABlackOutOutlastsThePatience(int worldSize) {
    var patience = Duration.ofSeconds(4);
    try (var network = new SpoiledNetwork(Impairment.NONE, 1)) {
      var darkNs = new AtomicLong();
      var failures =
          Ranks.overAeron(
              worldSize,
              hostsApart(patience, Security.AUTHENTICATE),
              network::around,
              collective -> {
                var darken = collective.rank() == 0;
                return Failure.of(
                    () -> {
                      for (int n = 0; n < MANY; n++) {
                        WholeNumbers.sumAll(collective, 100_003);
                        if (darken && n == 2) {
                          darkNs.set(System.nanoTime());
                          network.become(Impairment.blackout());
                        }
                      }
                    });
              });
      assertThat(failures)
          .allSatisfy(
              failure -> {
                assertThat(failure.message()).containsPattern("rank \\d at 127.0.0.1:\\d+");
                assertThat(failure.after(darkNs.get())).isLessThan(patience.plus(SLACK));
              });
    }
  }
}
