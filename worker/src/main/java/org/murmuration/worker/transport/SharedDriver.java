package org.murmuration.worker.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aeron.AeronCounters;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.status.SystemCounterDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.IoUtil;
import org.agrona.concurrent.status.CountersReader;
import org.apache.hadoop.util.ShutdownHookManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Aeron media driver that the ranks of one attempt share on a host. The first rank to come
 * starts it in its process, under a lock on a file; the others find it. It ends with the last of
 * its users: who started it waits for the others to leave. When its process is killed, the ranks
 * that used it fail, and the next attempt starts another.
 */
final class SharedDriver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SharedDriver.class);

  private static final String LOCK = "lock";
  private static final String OWNER = "owner";

  /** After all that still needs the buffers to come to a good end. */
  private static final int CLEANUP_PRIORITY = 1;

  /** Others need no longer to leave than to see that the attempt has ended. */
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private final Path directory;
  private final Owner owner;
  private final Optional<Running> running;

  /** Who started the driver: a rank, and a name that no other driver has. */
  private record Owner(int rank, String id) {
    String encode() {
      return rank + " " + id;
    }

    static Owner decode(String text) {
      var parts = text.split(" ", 2);
      return new Owner(Integer.parseInt(parts[0]), parts[1]);
    }
  }

  /** A driver in this process. */
  private record Running(
      MediaDriver driver, PatientIdle idle, AtomicLong ignoredDatagrams, Runnable cleanup) {}

  private SharedDriver(Path directory, Owner owner, Optional<Running> running) {
    this.directory = directory;
    this.owner = owner;
    this.running = running;
  }

  /**
   * Finds or starts the driver of this host.
   *
   * @param address this host's, for the size of its packets
   * @param localDirectory where buffers go when the shared memory hasn't the room
   * @throws TransportException when it can't be started, or another rank starts it for too long
   */
  static SharedDriver join(
      TransportSettings settings,
      InetAddress address,
      Path localDirectory,
      JobIdentity job,
      int rank) {
    var directory =
        DriverDirectories.of(settings.directory(), localDirectory, DriverSettings.LEAST_ROOM, job);
    try (var channel =
            FileChannel.open(
                directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var lock = lock(channel, directory, settings.peerTimeout())) {
      LOG.debug("{} holds {}", rank, lock);
      if (DriverDirectories.isActive(directory, settings.standstillTimeout())) {
        var owner = Owner.decode(Files.readString(directory.resolve(OWNER), UTF_8));
        return new SharedDriver(directory, owner, Optional.empty());
      }
      return start(directory, settings, address, rank);
    } catch (IOException e) {
      throw new TransportException(
          "Aeron's folder "
              + directory
              + " can't be used: "
              + e.getMessage()
              + "; choose another place with averaging.directory",
          e);
    }
  }

  private static SharedDriver start(
      Path directory, TransportSettings settings, InetAddress address, int rank)
      throws IOException {
    var ignored = new AtomicLong();
    var idle = new PatientIdle();
    var context =
        DriverSettings.context(settings, address, idle)
            .aeronDirectoryName(DriverDirectories.aeron(directory).toString())
            .receiveChannelEndpointSupplier(
                (channel, dispatcher, status, driver) ->
                    new CountingEndpoint(channel, dispatcher, status, driver, ignored));
    try {
      var driver = MediaDriver.launch(context);
      var owner = new Owner(rank, UUID.randomUUID().toString());
      Files.writeString(directory.resolve(OWNER), owner.encode(), UTF_8);
      Runnable cleanup = () -> IoUtil.delete(directory.toFile(), true);
      // An executor that is told to stop ends without closing what its task holds.
      ShutdownHookManager.get().addShutdownHook(cleanup, CLEANUP_PRIORITY);
      return new SharedDriver(
          directory, owner, Optional.of(new Running(driver, idle, ignored, cleanup)));
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

  private static FileLock lock(FileChannel channel, Path directory, Duration patience)
      throws IOException {
    return Patience.awaitValue(() -> tryLock(channel), patience)
        .orElseThrow(
            () ->
                new TransportException(
                    "another rank of this host holds %s for more than %d s without having started its media driver; see the logs of this host's executors"
                        .formatted(directory.resolve(LOCK), patience.toSeconds())));
  }

  private static Optional<FileLock> tryLock(FileChannel channel) throws IOException {
    try {
      return Optional.ofNullable(channel.tryLock());
    } catch (OverlappingFileLockException e) {
      // A rank in this process holds it: Java tells that apart from one of another process.
      LOG.trace("the lock is held in this process", e);
      return Optional.empty();
    }
  }

  /** Aeron's own folder, for its clients. */
  String aeronDirectory() {
    return DriverDirectories.aeron(directory).toString();
  }

  /** Where the frames from one rank of this host to another one pass. */
  Path ring(int from, int to) {
    return directory.resolve("frames-%s-%d-to-%d".formatted(owner.id, from, to));
  }

  /** A name that no other driver has. */
  String id() {
    return owner.id;
  }

  /** The rank in whose process the driver runs. */
  int ownerRank() {
    return owner.rank;
  }

  /** Says that all ranks share this host, so that the driver has little to do. */
  void withoutNetwork() {
    running.ifPresent(mine -> mine.idle.withoutNetwork());
  }

  /** Whether the driver has given a sign of life within the time. */
  boolean isActive(Duration within) {
    return running.isPresent() || DriverDirectories.isActive(directory, within);
  }

  /** Datagrams at this host's ports that belong to no link; counted where the driver runs. */
  long ignoredDatagrams() {
    return running.map(r -> r.ignoredDatagrams.get() + invalidPackets(r.driver)).orElse(0L);
  }

  /** Leaves the driver, and ends it if it is ours, after the others have left. */
  @Override
  public void close() {
    running.ifPresent(this::end);
  }

  private void end(Running mine) {
    var counters = counters(mine.driver);
    if (!Patience.await(() -> clients(counters) == 0, FAREWELL)) {
      LOG.debug("ending the media driver in {} while others still use it", directory);
    }
    mine.driver.close();
    IoUtil.delete(directory.toFile(), true);
    try {
      ShutdownHookManager.get().removeShutdownHook(mine.cleanup);
    } catch (IllegalStateException e) {
      LOG.debug("the process ends, and the hook has run or will", e);
    }
  }

  private static int clients(CountersReader counters) {
    var found = new int[1];
    counters.forEach(
        (id, type, key, label) -> {
          if (type == AeronCounters.DRIVER_HEARTBEAT_TYPE_ID) {
            found[0]++;
          }
        });
    return found[0];
  }

  private static long invalidPackets(MediaDriver driver) {
    return driver.context().systemCounters().get(SystemCounterDescriptor.INVALID_PACKETS).get();
  }

  private static CountersReader counters(MediaDriver driver) {
    var manager = driver.context().countersManager();
    return new CountersReader(manager.metaDataBuffer(), manager.valuesBuffer(), UTF_8);
  }
}
