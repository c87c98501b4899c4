package org.murmuration.worker.data;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * The samples of one rank: images as unsigned bytes outside the Java heap, labels as ints on it (4
 * bytes a sample).
 *
 * <p>Images lie in segments of at most 4 MiB (or one image, where that is larger), each with whole
 * images only. Segments are direct buffers while they fit the memory limit; those beyond it are
 * mapped from one temporary file, which the operating system pages in and out. The store grows by a
 * segment at a time, so the number of samples need not be known.
 *
 * <p>One thread adds. Afterwards any number of threads may read, until one closes: {@link #close}
 * gives the memory back, so it must come after the last read.
 */
public final class SampleStore implements AutoCloseable {

  private static final int SEGMENT_BYTES = 4 << 20;

  private final ImageShape shape;
  private final int samplesPerSegment;
  private final Segments segments;
  private int[] labels = new int[1024];
  private int size;
  private boolean closed;

  /**
   * @param memoryLimitBytes most bytes of images to keep in memory; 0 spills them all
   * @param spillDirectory an existing folder for the temporary file, touched only beyond the limit
   * @throws IllegalArgumentException when the limit is negative
   */
  public SampleStore(ImageShape shape, long memoryLimitBytes, Path spillDirectory) {
    this.shape = shape;
    this.samplesPerSegment = Math.max(1, SEGMENT_BYTES / shape.bytes());
    this.segments = new Segments(memoryLimitBytes, spillDirectory);
  }

  /**
   * Copies an image of {@code shape.bytes()} bytes from {@code pixels[offset..]}.
   *
   * @return the index of the sample: 0, 1, 2, ...
   * @throws IndexOutOfBoundsException when the array is too short
   * @throws IllegalStateException when the store is closed
   * @throws java.io.UncheckedIOException when the spill folder cannot be written or is full
   * @throws OutOfMemoryError when the JVM's limit on direct memory is below the store's
   */
  public int add(byte[] pixels, int offset, int label) {
    Objects.checkFromIndexSize(offset, shape.bytes(), pixels.length);
    if (closed) {
      throw new IllegalStateException("a closed sample store takes no samples");
    }
    if (size == (long) segments.count() * samplesPerSegment) {
      segments.add(samplesPerSegment * shape.bytes());
    }
    if (size == labels.length) {
      labels = Arrays.copyOf(labels, Math.multiplyExact(size, 2));
    }
    segmentOf(size).put(positionOf(size), pixels, offset, shape.bytes());
    labels[size] = label;
    return size++;
  }

  /** The number of samples; 0 once closed. */
  public int size() {
    return size;
  }

  /** The shape of every image here. */
  public ImageShape shape() {
    return shape;
  }

  /**
   * The label of a sample, as it was added.
   *
   * @throws IndexOutOfBoundsException when there is no such sample
   */
  public int label(int index) {
    return labels[Objects.checkIndex(index, size)];
  }

  /**
   * Copies the image as unsigned bytes to {@code target[targetOffset..]}, channel by channel; the
   * buffer's position does not matter and stays.
   *
   * @throws IndexOutOfBoundsException when there is no such sample or no room for it
   */
  public void copyTo(int index, ByteBuffer target, int targetOffset) {
    Objects.checkIndex(index, size);
    Objects.checkFromIndexSize(targetOffset, shape.bytes(), target.limit());
    target.put(targetOffset, segmentOf(index), positionOf(index), shape.bytes());
  }

  /** Bytes of direct memory held, whole segments. */
  public long memoryBytes() {
    return segments.memoryBytes();
  }

  /** Bytes of the spill file, whole segments. */
  public long spilledBytes() {
    return segments.spilledBytes();
  }

  /**
   * Gives memory and spill file back; the store is empty from then on. A second call does nothing.
   */
  @Override
  public void close() {
    closed = true;
    size = 0;
    segments.close();
  }

  private ByteBuffer segmentOf(int index) {
    return segments.get(index / samplesPerSegment);
  }

  private int positionOf(int index) {
    return index % samplesPerSegment * shape.bytes();
  }
}
