package org.murmuration.worker.data.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.murmuration.worker.data.prepared.BadSample;

/**
 * A sample on its way to the rank that keeps it, or the news that one is bad. As bytes: the number
 * (8 bytes), the label (4 bytes, -1 for bad news) and the content.
 *
 * @param number of the sample in its split
 * @param label the number of its class
 * @param content its pixels or its file
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares parcels.
public record Parcel(long number, int label, byte[] content) {
  private static final int HEADER_BYTES = Long.BYTES + Integer.BYTES;
  private static final int BAD = -1;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The news of a bad sample. */
  static Parcel of(BadSample bad) {
    try {
      return new Parcel(0, BAD, JSON.writeValueAsBytes(bad));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The number of the sample whose bytes these are; nothing is copied. */
  public static long numberOf(byte[] bytes) {
    return ByteBuffer.wrap(bytes).getLong();
  }

  /** What the bytes of {@link #bytes} say. */
  public static Parcel of(byte[] bytes) {
    var buffer = ByteBuffer.wrap(bytes);
    long number = buffer.getLong();
    int label = buffer.getInt();
    var content = new byte[buffer.remaining()];
    buffer.get(content);
    return new Parcel(number, label, content);
  }

  /** The parcel as bytes. */
  public byte[] bytes() {
    return ByteBuffer.allocate(HEADER_BYTES + content.length)
        .putLong(number)
        .putInt(label)
        .put(content)
        .array();
  }

  /** The bad sample that this is the news of. */
  public Optional<BadSample> bad() {
    try {
      return label == BAD
          ? Optional.of(JSON.readValue(content, BadSample.class))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
