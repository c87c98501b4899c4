package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AeronTransportTest {
  private static final int RANKS = 2;

  @TempDir private Path directory;

  /** Two ranks on two hosts, which is to say with folders of their own. */
  private List<AeronTransport> connect(TransportSettings settings) throws Exception {
    var rendezvous = new InMemoryRendezvous(RANKS, Duration.ofSeconds(4));
    var jobId = ThreadLocalRandom.current().nextLong();
    var threads = Executors.newFixedThreadPool(RANKS);
    try {
      List<Future<AeronTransport>> futures = new ArrayList<>();
      for (int rank = 0; rank < RANKS; rank++) {
        var folder = directory.resolve("host" + rank);
        var of = rendezvous.of(rank);
        futures.add(
            threads.submit(
                () ->
                    AeronTransport.connect(
                        of,
                        settings.withDirectory(folder.toString()),
                        new AeronTransport.Host("127.0.0.1", directory),
                        JobIdentity.create(jobId, 0),
                        (topology, self) -> Set.of(1 - self))));
      }
      List<AeronTransport> connected = new ArrayList<>();
      try {
        for (var future : futures) {
          connected.add(future.get(50, TimeUnit.SECONDS));
        }
      } catch (ExecutionException e) {
        // A rank that fails first leaves the other at the rendezvous.
        if (e.getMessage().contains("rendezvous")) {
          futures.get(1).get(50, TimeUnit.SECONDS);
        }
        throw e;
      }
      return connected;
    } finally {
      threads.shutdownNow();
    }
  }

  private static TransportSettings with(String networkInterface, PortRange ports) {
    return new TransportSettings(
        Duration.ofSeconds(10), Security.AUTHENTICATE, networkInterface, ports, 0, 0, "");
  }

  @Test
  void shouldListenOnlyAtPortsOfTheRange() throws Exception {
    var range = new PortRange(42100, 42115);

    var ranks = connect(with("", range));

    try {
      assertThat(ranks.get(0).topology().ranks())
          .extracting(PeerAddress::port)
          .doesNotHaveDuplicates()
          .allSatisfy(port -> assertThat(port).isBetween(range.first(), range.last()));
    } finally {
      ranks.forEach(AeronTransport::close);
    }
  }

  @Test
  void shouldListenAtTheInterfaceThatWasAskedFor() throws Exception {
    var ranks = connect(with("127.0.0.0/8", PortRange.ANY));

    try {
      assertThat(ranks.get(1).topology().ranks())
          .extracting(PeerAddress::host)
          .containsExactly("127.0.0.1", "127.0.0.1");
    } finally {
      ranks.forEach(AeronTransport::close);
    }
  }

  @Test
  void shouldNameTheSettingWhenTheRangeIsTooSmall() {
    var taken = PortRange.parse("42120");

    assertThatThrownBy(() -> connect(with("", taken)))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(TransportException.class)
        .hasMessageContaining("averaging.ports = 42120")
        .hasMessageContaining("Address already in use");
  }
}
