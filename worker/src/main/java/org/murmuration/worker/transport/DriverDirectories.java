package org.murmuration.worker.transport;

import io.aeron.CncFileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.regex.Pattern;
import org.agrona.IoUtil;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where media drivers keep their buffers: one folder for each attempt of a job on a host, which the
 * job's user alone may enter. Ranks find each other's driver by the folder's name.
 */
final class DriverDirectories {
  private static final Logger LOG = LoggerFactory.getLogger(DriverDirectories.class);

  private static final String PREFIX = "murmuration-aeron-";

  /** The whole name, so that no folder of anybody else can be taken for ours. */
  private static final Pattern NAME = Pattern.compile(PREFIX + "[0-9a-f]{16}-\\d+(-\\d+)?");

  private static final Path NETWORK = Path.of("/proc/self/ns/net");

  /** The driver's own folder in ours. */
  private static final String AERON = "aeron";

  /** A driver without a heartbeat for so long is dead, and a folder so old is not in the making. */
  private static final Duration ABANDONED_AFTER = Duration.ofMinutes(1);

  private DriverDirectories() {}

  /**
   * The folder of a job's attempt on this host, made if it isn't there.
   *
   * @param configured the parent, or "" to choose
   * @param fallback the parent when the shared memory hasn't the room
   * @param roomNeeded bytes
   */
  static Path of(String configured, Path fallback, long roomNeeded, JobIdentity job) {
    var name = name(job);
    var parent =
        configured.isEmpty() ? chosenParent(name, fallback, roomNeeded) : Path.of(configured);
    removeAbandoned(parent);
    var directory = parent.resolve(name);
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      requireOwn(directory);
      return directory;
    } catch (IOException e) {
      throw new TransportException(
          "the folder "
              + directory
              + " for Aeron's buffers can't be made: "
              + e.getMessage()
              + "; choose another place with averaging.directory",
          e);
    }
  }

  /**
   * The folder's name. Containers may share a folder and not a network, and then not a driver
   * either: its sockets are of one network only.
   */
  static String name(JobIdentity job) {
    return "%s%016x-%d-%s".formatted(PREFIX, job.jobId(), job.attempt(), network());
  }

  /** The number that Linux gives to the network namespace of this process; 0 when it won't tell. */
  private static String network() {
    try {
      return Files.readSymbolicLink(NETWORK).toString().replaceAll("\\D", "");
    } catch (IOException e) {
      LOG.debug("the network namespace can't be told", e);
      return "0";
    }
  }

  /** The driver's own folder. */
  static Path aeron(Path directory) {
    return directory.resolve(AERON);
  }

  /** Whether a driver in the folder has given a sign of life within the time. */
  static boolean isActive(Path directory, Duration within) {
    var heartbeats = aeron(directory).resolve(CncFileDescriptor.CNC_FILE);
    try {
      return Files.isRegularFile(heartbeats) && hasHeartbeat(heartbeats, within);
    } catch (IOException e) {
      throw new UncheckedIOException("the heartbeats in " + heartbeats + " can't be read", e);
    }
  }

  /**
   * Whether Aeron's file of heartbeats says that its driver lives. {@code CommonContext} would go
   * by the time of day, and wait for a file that isn't complete, whose version is written last.
   *
   * @throws io.aeron.exceptions.AeronException when it is of a version that this Aeron can't read
   */
  private static boolean hasHeartbeat(Path heartbeats, Duration within) throws IOException {
    try (var file = FileChannel.open(heartbeats)) {
      if (file.size() < CncFileDescriptor.META_DATA_LENGTH) {
        return false;
      }
      var buffer = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size());
      try {
        return hasHeartbeat(buffer, within);
      } finally {
        IoUtil.unmap(buffer);
      }
    }
  }

  private static boolean hasHeartbeat(ByteBuffer heartbeats, Duration within) {
    var head = CncFileDescriptor.createMetaDataBuffer(heartbeats);
    int version = head.getIntVolatile(CncFileDescriptor.cncVersionOffset(0));
    if (version == 0) {
      return false;
    }
    CncFileDescriptor.checkVersion(version);
    var toDriver = CncFileDescriptor.createToDriverBuffer(heartbeats, head);
    // Before the clock: a driver may give the next sign of life at any moment.
    long lastSign = new ManyToOneRingBuffer(toDriver).consumerHeartbeatTime();
    long age = new HostClock().time() - lastSign;
    // What is younger than now is of a time before this host was started.
    return age >= 0 && age <= within.toMillis();
  }

  /** Who else could write there could put frames into the averaging. */
  private static void requireOwn(Path directory) throws IOException {
    var owner = Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS);
    var permissions = Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS);
    if (!owner.equals(Files.getOwner(ownFile()))
        || !"rwx------".equals(PosixFilePermissions.toString(permissions))) {
      throw new TransportException(
          "the folder "
              + directory
              + " belongs to "
              + owner
              + " with permissions "
              + PosixFilePermissions.toString(permissions)
              + ", must be this user's alone; remove it or choose another averaging.directory");
    }
  }

  /** A file that certainly is this process's user's. */
  private static Path ownFile() {
    return Path.of("/proc/self/stat");
  }

  private static Path chosenParent(String name, Path fallback, long roomNeeded) {
    var sharedMemory = Path.of("/dev/shm");
    // Where the host's first rank is, the others go too, though its buffers have taken the room.
    if (Files.exists(sharedMemory.resolve(name)) || hasRoom(sharedMemory, roomNeeded)) {
      return sharedMemory;
    }
    LOG.info(
        "{} has less than {} bytes left; Aeron's buffers go to {}",
        sharedMemory,
        roomNeeded,
        fallback);
    return fallback;
  }

  private static boolean hasRoom(Path directory, long roomNeeded) {
    try {
      return Files.isWritable(directory)
          && Files.getFileStore(directory).getUsableSpace() >= roomNeeded;
    } catch (IOException e) {
      throw new UncheckedIOException("the free space of " + directory + " cannot be read", e);
    }
  }

  /**
   * A process that was killed leaves its buffers behind, and in /dev/shm they take memory. What no
   * driver uses any more is removed, as far as it belongs to this user. Never a reason to fail:
   * another rank of this host may be removing the same at this moment.
   */
  private static void removeAbandoned(Path parent) {
    try (var directories = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (var directory : directories) {
        if (NAME.matcher(directory.getFileName().toString()).matches() && isAbandoned(directory)) {
          LOG.info("removing {}, which a process that was killed left behind", directory);
          IoUtil.delete(directory.toFile(), true);
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("old buffers in {} were not looked for any further: {}", parent, e.toString());
    }
  }

  private static boolean isAbandoned(Path directory) throws IOException {
    if (directory.toFile().lastModified()
        >= System.currentTimeMillis() - ABANDONED_AFTER.toMillis()) {
      return false;
    }
    var heartbeats = aeron(directory).resolve(CncFileDescriptor.CNC_FILE);
    // Without the file no driver ever made this folder its own.
    return Files.isRegularFile(heartbeats) && !hasHeartbeat(heartbeats, ABANDONED_AFTER);
  }
}
