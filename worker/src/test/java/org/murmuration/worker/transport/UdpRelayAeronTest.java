package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Aeron's own protocol through the relay: setups, status messages and NAKs find their way. */
@Timeout(60)
class UdpRelayAeronTest {
  private static final int STREAM_ID = 77;
  private static final int MESSAGE_BYTES = 60_000;
  private static final long COUNT = 500;

  @TempDir private Path directory;

  @Test
  void shouldCarryAReliableStreamOverASpoiledLink() {
    var spoiled =
        Impairment.NONE
            .withLoss(0.05)
            .withDelay(Duration.ofMillis(2), Duration.ofMillis(1))
            .withReorder(0.05)
            .withDuplicate(0.05);
    try (var end = new AeronEnd(directory)) {
      var subscription = end.subscribe(STREAM_ID);
      try (var relay = new UdpRelay(AeronEnd.address(subscription), spoiled, 1)) {
        var publication = end.publish(relay.port(), STREAM_ID);
        await().until(publication::isConnected);

        assertThat(exchange(publication, subscription))
            .isEqualTo(LongStream.range(0, COUNT).boxed().toList());
        assertThat(relay.lost()).isPositive();
        assertThat(relay.duplicated()).isPositive();
        assertThat(relay.reordered()).isPositive();
      }
    }
  }

  private static List<Long> exchange(ExclusivePublication publication, Subscription subscription) {
    var message = new UnsafeBuffer(new byte[MESSAGE_BYTES]);
    var arrived = new ArrayList<Long>();
    var sent = 0L;
    while (arrived.size() < COUNT) {
      message.putLong(0, sent);
      if (sent < COUNT && publication.offer(message) > 0) {
        sent++;
      }
      if (subscription.poll((data, offset, length, header) -> arrived.add(data.getLong(offset)), 10)
          == 0) {
        Thread.onSpinWait();
      }
    }
    return arrived;
  }
}
