package org.murmuration.worker.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.murmuration.worker.transport.Datagrams;
import org.murmuration.worker.transport.Impairment;
import org.murmuration.worker.transport.SpoiledNetwork;
import org.murmuration.worker.transport.TransportSettings;

/** What strangers send to a rank's port while it sums changes neither the sums nor its memory. */
@Timeout(120)
class AttackedPortTest {
  private static final int WORLD = 2;
  private static final int SIZE = 100_003;
  private static final int REPLAYED = 500;

  /** The streams of a world of this size: the port's own, and two for each pair of ranks. */
  private static final int[] STREAMS =
      IntStream.rangeClosed(1000, 1000 + 2 * WORLD * WORLD).toArray();

  @TempDir private Path directory;

  @Test
  void shouldDropNothingOfItsPeers() {
    var dropped =
        Ranks.overAeron(
            WORLD,
            this::hostsApart,
            collective -> {
              WholeNumbers.sumAll(collective, SIZE, SIZE, SIZE);
              return collective.droppedFrames();
            });
    assertThat(dropped).containsOnly(0L);
  }

  @Test
  void shouldDropAPortScan() {
    attack((network, rank) -> requireDrops(rank, () -> Datagrams.portScan(network.port(0))));
  }

  @Test
  void shouldDropRandomDatagrams() {
    attack(
        (network, rank) ->
            requireDrops(rank, () -> Datagrams.randomDatagrams(network.port(0), 1000, 1)));
  }

  @Test
  void shouldDropForgedFramesOfItsStreams() {
    attack(
        (network, rank) ->
            requireDrops(
                rank,
                () -> {
                  forge(network, 1);
                  // A stream takes data only after its setup.
                  forge(network, 1);
                }));
  }

  @Test
  void shouldDropAFlood() {
    attack(
        (network, rank) ->
            requireDrops(
                rank,
                () -> {
                  for (int seed = 0; seed < 20; seed++) {
                    Datagrams.randomDatagrams(network.port(0), 2000, seed);
                    forge(network, seed);
                  }
                }));
  }

  /** Aeron has taken them already, and passes them over before anything of ours counts them. */
  @Test
  void shouldIgnoreWhatWasSentBefore() {
    attack(
        (network, rank) -> {
          var relay = network.relay(0);
          var before = relay.forwarded();
          relay.record(REPLAYED);
          // Both ways are counted, and only what goes to the rank is recorded.
          await().until(() -> relay.forwarded() > before + REPLAYED);
          for (int n = 0; n < 10; n++) {
            assertThat(relay.replay()).isGreaterThan(REPLAYED / 4);
          }
        });
  }

  /** What a stranger does who has the addresses of the ranks. */
  private interface Attack {
    void on(SpoiledNetwork network, Collective rank);
  }

  private static void requireDrops(Collective rank, Runnable attack) {
    var before = rank.droppedFrames();
    // A datagram that comes into a full buffer is lost, so one attempt may not be enough.
    await()
        .until(
            () -> {
              attack.run();
              return rank.droppedFrames() > before;
            });
  }

  private static void forge(SpoiledNetwork network, int seed) {
    for (int stream : STREAMS) {
      Datagrams.aeronLookingDatagrams(network.port(0), stream, 100, seed);
    }
  }

  /** Attacks rank 0 while both ranks sum, and requires that no buffer is made for it. */
  private void attack(Attack attack) {
    var over = new AtomicBoolean();
    var summing = new CompletableFuture<Collective>();
    try (var network = new SpoiledNetwork(Impairment.NONE, 1)) {
      var attacked =
          summing
              .thenAcceptAsync(
                  collective -> {
                    var files = filesOf(directory.resolve("host0"));
                    attack.on(network, collective);
                    // What is dropped last, so that all before it has been dealt with.
                    requireDrops(collective, () -> Datagrams.portScan(network.port(0)));
                    assertThat(filesOf(directory.resolve("host0"))).isEqualTo(files);
                  })
              .whenComplete((nothing, failure) -> over.set(true));
      Ranks.overAeron(
          WORLD,
          this::hostsApart,
          network::around,
          collective -> {
            sumUntil(over, collective, summing);
            return null;
          });
      attacked.join();
    }
  }

  private CollectiveSettings hostsApart(int rank) {
    return CollectiveSettings.exact(
        Algorithm.AUTO,
        TransportSettings.defaults().withDirectory(directory.resolve("host" + rank).toString()));
  }

  /** Rank 0 says when it is enough, so that both sum equally often. */
  private static void sumUntil(
      AtomicBoolean over, Collective collective, CompletableFuture<Collective> summing) {
    var enough = false;
    for (int n = 0; !enough; n++) {
      var vector = WholeNumbers.vector(collective.rank(), SIZE, n);
      collective.allReduceSum(vector, Residual.none());
      WholeNumbers.requireSum(vector, WORLD, n);
      if (collective.rank() == 0) {
        summing.complete(collective);
      }
      var word = new byte[] {(byte) (over.get() ? 1 : 0)};
      enough = collective.allGather(word).get(0)[0] == 1;
    }
  }

  /** The buffers of a host: a stream that a stranger makes would add three. */
  private static Map<String, Long> filesOf(Path host) {
    try (var files = Files.walk(host)) {
      return files
          .filter(Files::isRegularFile)
          .collect(Collectors.toMap(Path::toString, file -> file.toFile().length()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
