package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DatagramsTest {
  private static final int LARGEST_DATAGRAM = 65_507;

  /** So few fit any kernel's socket buffer. */
  private static final int RANDOM_DATAGRAMS = 10;

  private static final int STREAM_ID = 77;

  @TempDir private Path directory;

  @Test
  void shouldScanWithAnEmptyDatagramAndEveryByte() {
    try (var target = new UdpPeer()) {
      Datagrams.portScan(target.address());

      assertThat(target.receive().bytes().limit()).isZero();
      var bytes = new HashSet<Byte>();
      for (var n = 0; n < 256; n++) {
        var datagram = target.receive().bytes();
        assertThat(datagram.limit()).isEqualTo(1);
        bytes.add(datagram.get(0));
      }
      assertThat(bytes).hasSize(256);
    }
  }

  @Test
  void shouldSendTheSameRandomDatagramsForTheSameSeed() {
    var first = randomDatagrams(1);

    assertThat(first)
        .hasSize(RANDOM_DATAGRAMS)
        .allMatch(d -> d.limit() >= 1 && d.limit() <= LARGEST_DATAGRAM);
    assertThat(randomDatagrams(1)).isEqualTo(first);
    assertThat(randomDatagrams(2)).isNotEqualTo(first);
  }

  @Test
  void shouldPassForAeronsFrames() {
    try (var end = new AeronEnd(directory)) {
      var subscription = end.subscribe(STREAM_ID);
      var target = AeronEnd.address(subscription);

      Datagrams.aeronLookingDatagrams(target, STREAM_ID, 3, 1);
      Datagrams.aeronLookingDatagrams(target, STREAM_ID + 1, 3, 2);
      await().until(() -> subscription.imageCount() == 3);
      Datagrams.aeronLookingDatagrams(target, STREAM_ID, 3, 1);

      var sessions = new HashSet<Integer>();
      await()
          .until(
              () -> {
                subscription.poll(
                    (buffer, offset, length, header) -> {
                      assertThat(length).isBetween(1, 1024);
                      sessions.add(header.sessionId());
                    },
                    10);
                return sessions.size() == 3;
              });
      assertThat(subscription.imageCount()).isEqualTo(3);
    }
  }

  private static List<ByteBuffer> randomDatagrams(long seed) {
    try (var target = new UdpPeer()) {
      Datagrams.randomDatagrams(target.address(), RANDOM_DATAGRAMS, seed);
      var datagrams = new ArrayList<ByteBuffer>();
      for (var n = 0; n < RANDOM_DATAGRAMS; n++) {
        datagrams.add(target.receive().bytes());
      }
      return datagrams;
    }
  }
}
