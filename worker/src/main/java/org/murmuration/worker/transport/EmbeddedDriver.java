package org.murmuration.worker.transport;

import io.aeron.CncFileDescriptor;
import io.aeron.CommonContext;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.agrona.IoUtil;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Aeron media driver of one rank, on one thread of its own that backs off when idle, so that it
 * does not take a core from the network's arithmetic.
 */
final class EmbeddedDriver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedDriver.class);

  /** Aeron's largest UDP payload. */
  private static final int MAX_MTU = 65_504;

  private static final int IP_AND_UDP_HEADERS = 48;
  private static final int MTU_ALIGNMENT = 32;
  private static final int TERM_LENGTH = 4 * 1024 * 1024;

  private static final int WANTED_SOCKET_BUFFER = 2 * 1024 * 1024;

  /** Three terms for each direction, the driver's own counters and logs, and some air. */
  private static final long ROOM_NEEDED = 64L * 1024 * 1024;

  private static final long MAX_PARK_MICROS = 50;

  private static final String DIRECTORY_PREFIX = "murmuration-aeron-";

  /** The whole name, so that no folder of anybody else can be taken for ours. */
  private static final Pattern DIRECTORY_NAME =
      Pattern.compile(DIRECTORY_PREFIX + "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  /**
   * A driver without a heartbeat for so long is dead, and a directory so old is not in the making.
   */
  private static final Duration ABANDONED_AFTER = Duration.ofMinutes(1);

  private final MediaDriver driver;
  private final Thread cleanup;

  private EmbeddedDriver(MediaDriver driver) {
    this.driver = driver;
    var directory = new File(driver.aeronDirectoryName());
    this.cleanup = new Thread(() -> IoUtil.delete(directory, true), "remove " + directory);
    // An executor that is told to stop ends without closing what its task holds.
    Runtime.getRuntime().addShutdownHook(cleanup);
  }

  static EmbeddedDriver launch(TransportSettings settings, InetAddress address) {
    var parent = parentDirectory(settings);
    removeAbandoned(parent);
    var directory = parent.resolve(DIRECTORY_PREFIX + UUID.randomUUID());
    var signOfLifeNs = settings.signOfLifeTimeout().toNanos();
    var standstillNs = settings.standstillTimeout().toNanos();
    var socketBuffer = socketBufferLength();
    var mtu = settings.mtu() > 0 ? settings.mtu() : Math.min(mtuOf(address), aligned(socketBuffer));
    var context =
        new MediaDriver.Context()
            .aeronDirectoryName(directory.toString())
            .dirDeleteOnStart(true)
            .dirDeleteOnShutdown(true)
            .threadingMode(ThreadingMode.SHARED)
            .sharedIdleStrategy(
                new BackoffIdleStrategy(
                    10, 20, 1_000, TimeUnit.MICROSECONDS.toNanos(MAX_PARK_MICROS)))
            .mtuLength(mtu)
            .publicationTermBufferLength(TERM_LENGTH)
            // The sender may have as much in flight as the kernel buffers for the receiver.
            .initialWindowLength(socketBuffer)
            .socketRcvbufLength(socketBuffer)
            .socketSndbufLength(socketBuffer)
            .imageLivenessTimeoutNs(signOfLifeNs)
            .publicationConnectionTimeoutNs(signOfLifeNs)
            .clientLivenessTimeoutNs(standstillNs)
            // Aeron wants it to be longer.
            .publicationUnblockTimeoutNs(2 * standstillNs)
            .errorHandler(e -> LOG.warn("Aeron media driver: {}", e.toString()));
    try {
      return new EmbeddedDriver(MediaDriver.launch(context));
    } catch (RuntimeException e) {
      throw new TransportException(
          "the Aeron media driver did not start in "
              + directory
              + " ("
              + e.getMessage()
              + "); choose another place with averaging.directory, and see 'murmuration doctor'",
          e);
    }
  }

  String directory() {
    return driver.aeronDirectoryName();
  }

  @Override
  public void close() {
    driver.close();
    try {
      Runtime.getRuntime().removeShutdownHook(cleanup);
    } catch (IllegalStateException e) {
      LOG.debug("the process ends, and the hook has run or will", e);
    }
  }

  /**
   * A process that was killed leaves its buffers behind, and in /dev/shm they take memory. What no
   * driver uses any more is removed, as far as it belongs to this user. Never a reason to fail:
   * another rank of this host may be removing the same at this moment.
   */
  private static void removeAbandoned(Path parent) {
    try (var directories = Files.newDirectoryStream(parent, DIRECTORY_PREFIX + "*")) {
      for (var directory : directories) {
        if (DIRECTORY_NAME.matcher(directory.getFileName().toString()).matches()
            && isAbandoned(directory.toFile())) {
          LOG.info("removing {}, which a process that was killed left behind", directory);
          IoUtil.delete(directory.toFile(), true);
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("old buffers in {} were not looked for any further: {}", parent, e.toString());
    }
  }

  private static boolean isAbandoned(File directory) {
    var timeoutMs = ABANDONED_AFTER.toMillis();
    if (directory.lastModified() >= System.currentTimeMillis() - timeoutMs) {
      return false;
    }
    var heartbeats = new File(directory, CncFileDescriptor.CNC_FILE);
    // Without the file no driver ever made this directory its own.
    return heartbeats.isFile()
        && (heartbeats.length() < CncFileDescriptor.META_DATA_LENGTH
            || !CommonContext.isDriverActive(directory, timeoutMs, LOG::debug));
  }

  private static Path parentDirectory(TransportSettings settings) {
    if (!settings.directory().isEmpty()) {
      return Path.of(settings.directory());
    }
    var sharedMemory = Path.of(IoUtil.tmpDirName()).getRoot().resolve("dev/shm");
    if (hasRoom(sharedMemory)) {
      return sharedMemory;
    }
    var fallback = Path.of(IoUtil.tmpDirName());
    LOG.info(
        "{} has less than {} bytes left; Aeron's buffers go to {}",
        sharedMemory,
        ROOM_NEEDED,
        fallback);
    return fallback;
  }

  private static boolean hasRoom(Path directory) {
    try {
      return Files.isWritable(directory)
          && Files.getFileStore(directory).getUsableSpace() >= ROOM_NEEDED;
    } catch (IOException e) {
      throw new UncheckedIOException("the free space of " + directory + " cannot be read", e);
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
      var payload = Math.min(MAX_MTU, nic.getMTU() - IP_AND_UDP_HEADERS);
      return aligned(payload);
    } catch (SocketException e) {
      throw new TransportException(
          "the MTU of " + address + " cannot be read; set averaging.mtu", e);
    }
  }

  private static int aligned(int length) {
    return Math.min(MAX_MTU, length) / MTU_ALIGNMENT * MTU_ALIGNMENT;
  }

  /** As much as the kernel gives of what we would like, which {@code net.core.rmem_max} limits. */
  private static int socketBufferLength() {
    try (var channel = DatagramChannel.open()) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, WANTED_SOCKET_BUFFER);
      channel.setOption(StandardSocketOptions.SO_SNDBUF, WANTED_SOCKET_BUFFER);
      return Math.min(
          WANTED_SOCKET_BUFFER,
          Math.min(
              channel.getOption(StandardSocketOptions.SO_RCVBUF),
              channel.getOption(StandardSocketOptions.SO_SNDBUF)));
    } catch (IOException e) {
      throw new TransportException(
          "no UDP socket can be opened on this host: " + e.getMessage(), e);
    }
  }
}
