package org.murmuration.worker.data;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * The samples of one rank as the image files that they were, outside the Java heap; what finds them
 * is on it (16 bytes a sample).
 *
 * <p>Files lie in segments of 4 MiB, or their own where they are larger, none across two. One
 * thread adds. Afterwards any number of threads may read, until one closes.
 */
public final class EncodedStore implements AutoCloseable {
  private static final int SEGMENT_BYTES = 4 << 20;

  private final Segments segments;

  /** Of each sample: its segment, where it begins there, its length, its label. */
  private int[][] places = new int[4][1024];

  private int size;
  private int used;
  private boolean closed;

  /**
   * An empty store.
   *
   * @param memoryLimitBytes most bytes to keep in memory; 0 spills them all
   * @param spillDirectory an existing folder for the temporary file, touched only beyond the limit
   * @throws IllegalArgumentException when the limit is negative
   */
  public EncodedStore(long memoryLimitBytes, Path spillDirectory) {
    this.segments = new Segments(memoryLimitBytes, spillDirectory);
  }

  /**
   * Copies the bytes of a file.
   *
   * @return the index of the sample: 0, 1, 2, ...
   * @throws IllegalStateException when the store is closed
   * @throws java.io.UncheckedIOException when the spill folder cannot be written or is full
   */
  public int add(byte[] encoded, int label) {
    if (closed) {
      throw new IllegalStateException("a closed sample store takes no samples");
    }
    if (segments.count() == 0 || used + encoded.length > SEGMENT_BYTES) {
      segments.add(Math.max(SEGMENT_BYTES, encoded.length));
      used = 0;
    }
    if (size == places[0].length) {
      int larger = Math.multiplyExact(size, 2);
      places = Arrays.stream(places).map(row -> Arrays.copyOf(row, larger)).toArray(int[][]::new);
    }
    int segment = segments.count() - 1;
    segments.get(segment).put(used, encoded);
    places[0][size] = segment;
    places[1][size] = used;
    places[2][size] = encoded.length;
    places[3][size] = label;
    used += encoded.length;
    return size++;
  }

  /** The number of samples; 0 once closed. */
  public int size() {
    return size;
  }

  /**
   * The label of a sample, as it was added.
   *
   * @throws IndexOutOfBoundsException when there is no such sample
   */
  public int label(int index) {
    return places[3][Objects.checkIndex(index, size)];
  }

  /**
   * A copy of the bytes of a file.
   *
   * @throws IndexOutOfBoundsException when there is no such sample
   */
  public byte[] bytes(int index) {
    Objects.checkIndex(index, size);
    ByteBuffer segment = segments.get(places[0][index]);
    var bytes = new byte[places[2][index]];
    segment.get(places[1][index], bytes);
    return bytes;
  }

  /** Bytes of direct memory held, whole segments. */
  public long memoryBytes() {
    return segments.memoryBytes();
  }

  /** Bytes of the spill file, whole segments. */
  public long spilledBytes() {
    return segments.spilledBytes();
  }

  /** Gives memory and spill file back; the store is empty from then on. */
  @Override
  public void close() {
    closed = true;
    size = 0;
    segments.close();
  }
}
