package org.murmuration.worker.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.agrona.IoUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/** A ring of frames in a file that two processes map: one writes, the other reads. */
final class FrameRing implements AutoCloseable {
  /** Frames so long that what is done once for each doesn't count. */
  static final int MAX_FRAME_LENGTH = 64 * 1024;

  /** Agrona takes messages of an eighth of the ring at most. */
  private static final int CAPACITY = 16 * MAX_FRAME_LENGTH;

  private static final int LENGTH = CAPACITY + RingBufferDescriptor.TRAILER_LENGTH;

  private final MappedByteBuffer memory;
  private final OneToOneRingBuffer ring;

  private FrameRing(MappedByteBuffer memory) {
    this.memory = memory;
    this.ring = new OneToOneRingBuffer(new UnsafeBuffer(memory));
  }

  /**
   * Makes the ring; its reader finds it when it is whole.
   *
   * @throws TransportException when there is no room for it
   */
  static FrameRing make(Path file) {
    try {
      var unfinished = file.resolveSibling(file.getFileName() + ".new");
      try (var channel =
          FileChannel.open(
              unfinished,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        // Written, so that a full folder is an error here; later the process would be killed.
        var zeros = ByteBuffer.allocate(LENGTH);
        while (zeros.hasRemaining()) {
          channel.write(zeros);
        }
      }
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
      return map(file);
    } catch (IOException e) {
      throw new TransportException(
          "the %d bytes for frames in %s can't be had: %s; choose another place with averaging.directory"
              .formatted(LENGTH, file, e.getMessage()),
          e);
    }
  }

  /** The ring in the file, if its writer has made it. */
  static Optional<FrameRing> find(Path file) {
    try {
      return Files.exists(file) ? Optional.of(map(file)) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("the frames in " + file + " can't be read", e);
    }
  }

  private static FrameRing map(Path file) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new FrameRing(channel.map(FileChannel.MapMode.READ_WRITE, 0, LENGTH));
    }
  }

  OneToOneRingBuffer ring() {
    return ring;
  }

  /** Gives the memory back; the file goes with its folder. */
  @Override
  public void close() {
    IoUtil.unmap(memory);
  }
}
