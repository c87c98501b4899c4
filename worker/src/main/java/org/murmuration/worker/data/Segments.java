package org.murmuration.worker.data;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.BufferUtil;

/**
 * Memory outside of the Java heap, in pieces that stay where they are: direct buffers up to a
 * limit, beyond it mapped from one temporary file, which the operating system pages in and out.
 */
final class Segments implements AutoCloseable {
  private final long memoryLimitBytes;
  private final List<ByteBuffer> segments = new ArrayList<>();
  private final SpillFile spill;
  private long memoryBytes;

  /**
   * @param memoryLimitBytes most bytes to keep in memory; 0 spills them all
   * @param spillDirectory an existing folder for the temporary file, touched only beyond the limit
   * @throws IllegalArgumentException when the limit is negative
   */
  Segments(long memoryLimitBytes, Path spillDirectory) {
    if (memoryLimitBytes < 0) {
      throw new IllegalArgumentException(
          "memory limit for samples must be at least 0 bytes, was " + memoryLimitBytes);
    }
    this.memoryLimitBytes = memoryLimitBytes;
    this.spill = new SpillFile(spillDirectory);
  }

  /**
   * Adds a segment.
   *
   * @throws java.io.UncheckedIOException when the spill folder cannot be written or is full
   * @throws OutOfMemoryError when the JVM's limit on direct memory is below this one's
   */
  ByteBuffer add(int bytes) {
    ByteBuffer segment;
    if (memoryBytes + bytes > memoryLimitBytes) {
      segment = spill.grow(bytes);
    } else {
      segment = ByteBuffer.allocateDirect(bytes);
      memoryBytes += bytes;
    }
    segments.add(segment);
    return segment;
  }

  int count() {
    return segments.size();
  }

  ByteBuffer get(int index) {
    return segments.get(index);
  }

  /** Bytes of direct memory held. */
  long memoryBytes() {
    return memoryBytes;
  }

  /** Bytes of the spill file. */
  long spilledBytes() {
    return spill.bytes();
  }

  @Override
  public void close() {
    memoryBytes = 0;
    segments.forEach(BufferUtil::free);
    segments.clear();
    spill.close();
  }
}
