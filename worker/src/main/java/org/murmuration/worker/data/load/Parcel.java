package org.murmuration.worker.data.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.murmuration.worker.data.prepared.BadSample;

/**
 * A sample on its way to the rank that keeps it, or the news that one is bad. As bytes: the number
 * (8 bytes), the label (4 bytes, -1 for bad news), the CRC-32C of number, label and content (4
 * bytes), and the content. Spark keeps such bytes on disks, some of them for days, and checks
 * nothing when it reads them.
 *
 * @param number of the sample in its split
 * @param label the number of its class
 * @param content its pixels or its file
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares parcels.
public record Parcel(long number, int label, byte[] content) {
  private static final int HEADER_BYTES = Long.BYTES + 2 * Integer.BYTES;
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

  /**
   * What the bytes of {@link #bytes} say.
   *
   * @throws IOException when they are no longer what they were
   */
  public static Parcel of(byte[] bytes) throws IOException {
    if (bytes.length < HEADER_BYTES) {
      throw damaged(0);
    }
    var buffer = ByteBuffer.wrap(bytes);
    long number = buffer.getLong();
    int label = buffer.getInt();
    if (buffer.getInt() != checksum(number, label, bytes, HEADER_BYTES)) {
      throw damaged(number);
    }
    var content = new byte[buffer.remaining()];
    buffer.get(content);
    return new Parcel(number, label, content);
  }

  /** The parcel as bytes. */
  public byte[] bytes() {
    return ByteBuffer.allocate(HEADER_BYTES + content.length)
        .putLong(number)
        .putInt(label)
        .putInt(checksum(number, label, content, 0))
        .put(content)
        .array();
  }

  private static int checksum(long number, int label, byte[] bytes, int from) {
    var crc = new CRC32C();
    crc.update(
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES).putLong(number).putInt(label).flip());
    crc.update(bytes, from, bytes.length - from);
    return (int) crc.getValue();
  }

  private static IOException damaged(long number) {
    return new IOException(
        "sample %d was damaged on its way: its checksum differs from what was sent. Look at the disks of spark.local.dir, where Spark keeps what it shuffles"
            .formatted(number));
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
