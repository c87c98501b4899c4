package org.murmuration.worker.data;

import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One temporary file that grows by memory-mapped segments. It is created with the first segment. On
 * Unix it has no name while it is open, so even a killed process leaves nothing behind; elsewhere
 * it goes away on close.
 */
final class SpillFile implements AutoCloseable {

  private final Path folder;
  private FileChannel channel;
  private long bytes;

  SpillFile(Path folder) {
    this.folder = folder;
  }

  long bytes() {
    return bytes;
  }

  /**
   * Appends a mapped segment.
   *
   * @throws UncheckedIOException when the folder cannot be written or its disk is full
   */
  MappedByteBuffer grow(int segmentBytes) {
    try {
      if (channel == null) {
        channel = open();
      }
      reserve(segmentBytes);
      MappedByteBuffer segment = channel.map(MapMode.READ_WRITE, bytes, segmentBytes);
      bytes += segmentBytes;
      return segment;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot spill another %d bytes of samples to the folder %s (%d bytes are there already): %s. Allow more memory for samples, or name a spill folder with room."
              .formatted(segmentBytes, folder, bytes, e),
          e);
    }
  }

  private FileChannel open() throws IOException {
    Path file = Files.createTempFile(folder, "samples-", ".spill");
    return FileChannel.open(file, READ, WRITE, DELETE_ON_CLOSE);
  }

  /** Writes zeros: a full disk must be an exception here, not a SIGBUS in the mapping later. */
  private void reserve(int segmentBytes) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocate(Math.min(segmentBytes, 1 << 16));
    long end = bytes + segmentBytes;
    for (long position = bytes; position < end; ) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), end - position));
      position += channel.write(zeros, position);
    }
  }

  @Override
  public void close() {
    bytes = 0;
    if (channel == null) {
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the spill file in " + folder, e);
    }
  }
}
