package org.murmuration.worker.transport;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.TimeUnit;
import org.agrona.BitUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a media driver is set up: threads that don't steal the cores which compute, packets as large
 * as the link carries, and as much under way as the kernel buffers. On many cores the conductor,
 * the sender and the receiver have a thread each and idle as Aeron does by default.
 */
final class DriverSettings {
  private static final Logger LOG = LoggerFactory.getLogger(DriverSettings.class);

  /**
   * With less than this, memory is no place for buffers: the driver's own, and the rings of eight
   * ranks.
   */
  static final long LEAST_ROOM = 48L * 1024 * 1024;

  private static final int UDP_TERM_LENGTH = 4 * 1024 * 1024;

  /** Aeron's largest UDP payload. */
  private static final int MAX_MTU = 65_504;

  private static final int IPV4_ADDRESS_LENGTH = 4;
  private static final int IPV4_AND_UDP_HEADERS = 28;
  private static final int IPV6_AND_UDP_HEADERS = 48;
  private static final int MTU_ALIGNMENT = 32;
  private static final int WANTED_WINDOW = 2 * 1024 * 1024;

  /** With so many cores the driver's three threads have some to themselves. */
  private static final int MANY_CORES = 16;

  private static final long TIMER_MILLIS = 100;

  private DriverSettings() {}

  /**
   * The driver's context.
   *
   * @param idle of the thread when the driver has but one
   */
  static MediaDriver.Context context(
      TransportSettings settings, InetAddress address, PatientIdle idle) {
    var signOfLifeNs = settings.signOfLifeTimeout().toNanos();
    var standstillNs = settings.standstillTimeout().toNanos();
    var window = window(settings);
    var mtu = settings.mtu() > 0 ? settings.mtu() : Math.min(mtuOf(address), aligned(window));
    var context =
        new MediaDriver.Context()
            .epochClock(new HostClock())
            .dirDeleteOnStart(true)
            .dirDeleteOnShutdown(true)
            .threadingMode(threadingMode())
            .sharedIdleStrategy(idle)
            // Addresses are numbers and buffers are small: nothing needs a thread aside.
            .asyncExecutorEnabled(false)
            .mtuLength(mtu)
            .publicationTermBufferLength(udpTermLength(window))
            .termBufferSparseFile(true)
            .initialWindowLength(window)
            .socketRcvbufLength(window)
            .socketSndbufLength(window)
            .imageLivenessTimeoutNs(signOfLifeNs)
            .publicationConnectionTimeoutNs(signOfLifeNs)
            .clientLivenessTimeoutNs(standstillNs)
            // Aeron wants it to be longer.
            .publicationUnblockTimeoutNs(2 * standstillNs)
            // Who ends the driver waits until it has seen the others leave.
            .timerIntervalNs(TimeUnit.MILLISECONDS.toNanos(TIMER_MILLIS))
            .errorHandler(e -> LOG.warn("Aeron media driver: {}", e.toString()));
    if (!settings.ports().isAny()) {
      var range = settings.ports().first() + " " + settings.ports().last();
      // Senders use any port: what answers them is let in by a firewall that lets out what they
      // send.
      context.receiverWildcardPortRange(range);
    }
    return context;
  }

  private static ThreadingMode threadingMode() {
    return Runtime.getRuntime().availableProcessors() >= MANY_CORES
        ? ThreadingMode.DEDICATED
        : ThreadingMode.SHARED;
  }

  /** A window is at most half a term. */
  private static int udpTermLength(int window) {
    return Math.max(UDP_TERM_LENGTH, BitUtil.findNextPositivePowerOfTwo(2 * window));
  }

  /** As much as the kernel gives of what is wanted, which {@code net.core.rmem_max} limits. */
  private static int window(TransportSettings settings) {
    var wanted = settings.window() > 0 ? settings.window() : WANTED_WINDOW;
    try (var channel = DatagramChannel.open()) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, wanted);
      channel.setOption(StandardSocketOptions.SO_SNDBUF, wanted);
      var granted =
          Math.min(
              channel.getOption(StandardSocketOptions.SO_RCVBUF),
              channel.getOption(StandardSocketOptions.SO_SNDBUF));
      if (granted < settings.window()) {
        LOG.warn(
            "averaging.window = {} bytes, but this host's kernel buffers {} at most; raise net.core.rmem_max and net.core.wmem_max",
            settings.window(),
            granted);
      }
      return Math.min(wanted, granted);
    } catch (IOException e) {
      throw new TransportException(
          "no UDP socket can be opened on this host: " + e.getMessage(), e);
    }
  }

  /** The largest payload that one packet of the address's interface carries without fragments. */
  private static int mtuOf(InetAddress address) {
    try {
      var nic = NetworkInterface.getByInetAddress(address);
      if (nic == null) {
        throw new TransportException(
            "no network interface of this host has the address " + address.getHostAddress());
      }
      var headers =
          address.getAddress().length == IPV4_ADDRESS_LENGTH
              ? IPV4_AND_UDP_HEADERS
              : IPV6_AND_UDP_HEADERS;
      return aligned(nic.getMTU() - headers);
    } catch (SocketException e) {
      throw new TransportException(
          "the MTU of " + address + " cannot be read; set averaging.mtu", e);
    }
  }

  private static int aligned(int length) {
    return Math.min(MAX_MTU, length) / MTU_ALIGNMENT * MTU_ALIGNMENT;
  }
}
