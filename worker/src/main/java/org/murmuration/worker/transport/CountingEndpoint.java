package org.murmuration.worker.transport;

import io.aeron.driver.DataPacketDispatcher;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.media.ReceiveChannelEndpoint;
import io.aeron.driver.media.UdpChannel;
import io.aeron.protocol.DataHeaderFlyweight;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;

/** A receiving port that counts the datagrams which belong to no stream of the job. */
final class CountingEndpoint extends ReceiveChannelEndpoint {
  private final AtomicLong ignored;

  CountingEndpoint(
      UdpChannel channel,
      DataPacketDispatcher dispatcher,
      AtomicCounter status,
      MediaDriver.Context context,
      AtomicLong ignored) {
    super(channel, dispatcher, status, context);
    this.ignored = ignored;
  }

  @Override
  public int onDataPacket(
      DataHeaderFlyweight header,
      UnsafeBuffer buffer,
      int length,
      InetSocketAddress source,
      int transportIndex) {
    var applied = super.onDataPacket(header, buffer, length, source, transportIndex);
    if (applied == 0) {
      ignored.incrementAndGet();
    }
    return applied;
  }
}
