package org.murmuration.worker.data.cifar;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongConsumer;
import org.murmuration.worker.data.BadDataException;

/**
 * Brings the official archive into a folder of this machine.
 *
 * <p>Bytes go to {@code <name>.part}, which a later call goes on with; only a file of the right
 * size and MD5 gets the final name, by an atomic rename after it was forced to the disk. A lock on
 * {@code <name>.lock} keeps a second process from writing the same file.
 */
public final class Cifar10Download {

  /** The longest wait for a connection, for an answer, and for the next bytes. */
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static final int ATTEMPTS = 10;

  private final Expected expected;
  private final Path file;
  private final Path part;
  private final Path lock;
  private final PartTransfer transfer;

  /**
   * What is to be downloaded.
   *
   * @param address of the file, http or https; the last component of its path names it
   * @param size in bytes
   * @param md5 in lower-case hexadecimal digits
   */
  public record Expected(URI address, long size, String md5) {

    /** The binary version of CIFAR-10. */
    public static final Expected OFFICIAL =
        new Expected(
            URI.create("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
            170_052_171,
            "c32a1d4ab5d03f1284b67883e8d87530");

    String fileName() {
      return address.getPath().substring(address.getPath().lastIndexOf('/') + 1);
    }
  }

  /**
   * Downloads to a folder with time-outs of 30 s.
   *
   * @param folder is created when missing
   */
  public Cifar10Download(Expected expected, Path folder) {
    this(expected, folder, TIMEOUT);
  }

  /**
   * Downloads to a folder.
   *
   * @param folder is created when missing
   * @param timeout the longest wait for a connection, for an answer, and for the next bytes
   */
  public Cifar10Download(Expected expected, Path folder, Duration timeout) {
    this.expected = expected;
    this.file = folder.resolve(expected.fileName());
    this.part = folder.resolve(expected.fileName() + ".part");
    this.lock = folder.resolve(expected.fileName() + ".lock");
    this.transfer = new PartTransfer(expected, part, timeout);
  }

  /** Where the archive is, or will be. */
  public Path file() {
    return file;
  }

  /**
   * Downloads the archive unless it is there already.
   *
   * @param progress is told, after every piece, how many bytes are there so far
   * @return {@link #file}
   * @throws BadDataException when the server cannot be reached or serves something else; when the
   *     file that is there already is not the expected one (it stays); when another process is
   *     downloading it
   * @throws IOException when the folder cannot be written
   */
  public Path fetch(LongConsumer progress) throws IOException {
    if (isThere()) {
      return file;
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (FileChannel locked = FileChannel.open(lock, CREATE, WRITE)) {
      acquire(locked);
      if (!isThere()) {
        download(progress);
        checkPart();
        publish();
      }
    }
    return file;
  }

  private boolean isThere() throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    String found = Checksums.describe(file);
    if (!found.equals(wanted())) {
      throw new BadDataException(
          "%s is not the official archive: it has %s, not %s. Remove it to download it again; to use it all the same, name it with data.path"
              .formatted(file, found, wanted()));
    }
    return true;
  }

  private void acquire(FileChannel channel) throws IOException {
    boolean free;
    try {
      // Closing the channel releases the lock.
      free = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      free = false;
    }
    if (!free) {
      throw new BadDataException(
          "another process is downloading %s right now (it holds %s); start again when it is done, or choose another cache folder"
              .formatted(file, lock));
    }
  }

  /** Goes on after every interruption that came with progress. */
  private void download(LongConsumer progress) throws IOException {
    for (int attempt = 1; transfer.partBytes() != expected.size(); attempt++) {
      long before = transfer.partBytes();
      try {
        transfer.run(progress);
        return;
      } catch (TransferInterruptedException e) {
        if (attempt == ATTEMPTS || transfer.partBytes() <= before) {
          throw unreachable(e);
        }
      }
    }
  }

  private BadDataException unreachable(IOException cause) throws IOException {
    return new BadDataException(
        "CIFAR-10 is not at %s, and downloading it from %s failed: %s (%d of %d bytes are kept in %s for the next start). Without network: download %s by hand on another machine and put it at %s, or name its place with data.path; or set data.source = cifar10-sample to use the small sample that comes with the program"
            .formatted(
                file,
                expected.address(),
                cause.getMessage(),
                transfer.partBytes(),
                expected.size(),
                part,
                expected.address(),
                file),
        cause);
  }

  private void checkPart() throws IOException {
    String found = Checksums.describe(part);
    if (!found.equals(wanted())) {
      Files.delete(part);
      throw new BadDataException(
          "what came from %s has %s, not %s; it was deleted. A proxy or a mirror may serve another file: try again, or download it by hand and put it at %s"
              .formatted(expected.address(), found, wanted(), file));
    }
  }

  private String wanted() {
    return Checksums.describe(expected.size(), expected.md5());
  }

  private void publish() throws IOException {
    try (FileChannel written = FileChannel.open(part, WRITE)) {
      written.force(true);
    }
    Files.move(part, file, ATOMIC_MOVE);
    try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent(), READ)) {
      folder.force(true);
    }
  }
}
