package org.murmuration.worker.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The images and labels of one rank, off the Java heap, a byte for each channel of each pixel. What
 * goes beyond the rank's share of memory is memory-mapped from a file, which the kernel pages in
 * and out as it sees fit. Used by one thread.
 */
public final class SampleStore implements AutoCloseable {
  private static final int SEGMENT_BYTES = 8 * 1024 * 1024;
  private static final int UNSIGNED_BYTE = 0xFF;

  private final int sampleBytes;
  private final int samplesPerSegment;
  private final long memoryLimitBytes;
  private final Path spillDirectory;
  private final List<ByteBuffer> segments = new ArrayList<>();
  private final byte[] sample;
  private FileChannel spill;
  private long memoryBytes;
  private long spilledBytes;
  private int[] labels = new int[1024];
  private int size;

  /**
   * @param shape the size of every image
   * @param memoryLimitBytes how much memory to use before mapping a file
   * @param spillDirectory where that file would be
   */
  public SampleStore(ImageShape shape, long memoryLimitBytes, Path spillDirectory) {
    this.sampleBytes = shape.bytes();
    this.samplesPerSegment = Math.max(1, SEGMENT_BYTES / sampleBytes);
    this.memoryLimitBytes = memoryLimitBytes;
    this.spillDirectory = spillDirectory;
    this.sample = new byte[sampleBytes];
  }

  /**
   * Adds an image.
   *
   * @param pixels holds the image's bytes from {@code offset} on
   * @return the image's index
   * @throws UncheckedIOException when memory is used up and the file can't be written
   */
  public int add(byte[] pixels, int offset, int label) {
    if (size == labels.length) {
      labels = Arrays.copyOf(labels, 2 * size);
    }
    if (size % samplesPerSegment == 0) {
      segments.add(newSegment());
    }
    segmentOf(size).put(positionOf(size), pixels, offset, sampleBytes);
    labels[size] = label;
    return size++;
  }

  /** How many images there are. */
  public int size() {
    return size;
  }

  /** The label of an image. */
  public int label(int index) {
    return labels[index];
  }

  /** Writes an image's bytes as values 0 to 255. */
  public void copyTo(int index, FloatBuffer target, int targetOffset) {
    segmentOf(index).get(positionOf(index), sample);
    for (int i = 0; i < sampleBytes; i++) {
      target.put(targetOffset + i, sample[i] & UNSIGNED_BYTE);
    }
  }

  /** Bytes taken of memory. */
  public long memoryBytes() {
    return memoryBytes;
  }

  /** Bytes in the file. */
  public long spilledBytes() {
    return spilledBytes;
  }

  /** Lets go of memory and file. */
  @Override
  public void close() {
    segments.clear();
    size = 0;
    try {
      if (spill != null) {
        spill.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the images' file in " + spillDirectory + " could not be closed", e);
    }
  }

  private ByteBuffer newSegment() {
    var bytes = samplesPerSegment * sampleBytes;
    if (memoryBytes + bytes <= memoryLimitBytes) {
      memoryBytes += bytes;
      return ByteBuffer.allocateDirect(bytes);
    }
    try {
      if (spill == null) {
        spill = openSpill();
      }
      var segment = spill.map(FileChannel.MapMode.READ_WRITE, spilledBytes, bytes);
      spilledBytes += bytes;
      return segment;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the images take more than data.memory-per-rank ("
              + memoryLimitBytes
              + " bytes), and the rest could not be written to "
              + spillDirectory
              + ": make room there, or raise the setting",
          e);
    }
  }

  private FileChannel openSpill() throws IOException {
    var file = Files.createTempFile(spillDirectory, "murmuration-images-", ".bin");
    var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    // The open channel and its mappings keep the bytes; without a name they vanish with the
    // process.
    Files.delete(file);
    return channel;
  }

  private ByteBuffer segmentOf(int index) {
    return segments.get(index / samplesPerSegment);
  }

  private int positionOf(int index) {
    return index % samplesPerSegment * sampleBytes;
  }
}
