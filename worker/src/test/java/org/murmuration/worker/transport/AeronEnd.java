package org.murmuration.worker.transport;

import static org.awaitility.Awaitility.await;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.agrona.CloseHelper;

/** A media driver of the product's own making and a client of it, for tests of the link. */
final class AeronEnd implements AutoCloseable {
  private final SharedDriver driver;
  private final Aeron aeron;

  AeronEnd(Path directory) {
    driver =
        SharedDriver.join(
            TransportSettings.defaults().withDirectory(directory.toString()),
            InetAddress.getLoopbackAddress(),
            directory,
            JobIdentity.create(ThreadLocalRandom.current().nextLong(), 0),
            0);
    aeron =
        Aeron.connect(
            new Aeron.Context()
                .epochClock(new HostClock())
                .aeronDirectoryName(driver.aeronDirectory()));
  }

  /** A subscription on an ephemeral port of 127.0.0.1. */
  Subscription subscribe(int streamId) {
    return aeron.addSubscription("aeron:udp?endpoint=127.0.0.1:0", streamId);
  }

  ExclusivePublication publish(int port, int streamId) {
    return aeron.addExclusivePublication("aeron:udp?endpoint=127.0.0.1:" + port, streamId);
  }

  /** Where the subscription listens, as soon as it does. */
  static InetSocketAddress address(Subscription subscription) {
    var endpoint =
        await().until(() -> subscription.localSocketAddresses(), found -> !found.isEmpty()).get(0);
    var port = Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  @Override
  public void close() {
    CloseHelper.closeAll(aeron, driver);
  }
}
