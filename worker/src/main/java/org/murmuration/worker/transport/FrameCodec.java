package org.murmuration.worker.transport;

import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Writes and checks the header of a frame. All integers are little-endian.
 *
 * <pre>
 *   0               4               8                              16
 *   +---------------+---------------+-------------------------------+
 *   | magic "MURM"  | version (1)   | job id                        |
 *   +---------------+---------------+-------------------------------+
 *   | attempt       | sender rank   | operation                     |
 *   +---------------+---------------+-------------------------------+
 *   | sequence on this link         | reserved, zero                |
 *   +-------------------------------+-------------------------------+
 *   | MAC: first 16 bytes of HMAC-SHA256 over bytes 0..47 + payload |
 *   +---------------------------------------------------------------+
 *   | payload ...                                                   |
 * </pre>
 *
 * <p>The key of the MAC is the secret of the attempt, so a frame of another job or attempt, a
 * forged one and a damaged one all fail the same check; the sequence number refuses replays. Used
 * by one thread.
 */
final class FrameCodec {
  static final int HEADER_LENGTH = 64;

  private static final int MAGIC = 0x4D52554D;
  private static final int VERSION = 1;
  private static final int MAC_OFFSET = 48;
  private static final int MAC_LENGTH = 16;
  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  private final JobIdentity job;
  private final Mac mac;
  private final byte[] computed;
  private final byte[] received = new byte[MAC_LENGTH];
  private final byte[] authenticated = new byte[MAC_OFFSET];
  private byte[] payload = new byte[0];

  FrameCodec(JobIdentity job) {
    this.job = job;
    try {
      mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(job.key(), "HmacSHA256"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no HmacSHA256, which every Java must have", e);
    }
    computed = new byte[mac.getMacLength()];
  }

  /** Writes the header in front of a payload that already stands at offset + HEADER_LENGTH. */
  void writeHeader(
      MutableDirectBuffer frame,
      int offset,
      int payloadLength,
      int sender,
      long operation,
      long sequence) {
    frame.putInt(offset, MAGIC, ORDER);
    frame.putInt(offset + 4, VERSION, ORDER);
    frame.putLong(offset + 8, job.jobId(), ORDER);
    frame.putInt(offset + 16, job.attempt(), ORDER);
    frame.putInt(offset + 20, sender, ORDER);
    frame.putLong(offset + 24, operation, ORDER);
    frame.putLong(offset + 32, sequence, ORDER);
    frame.putLong(offset + 40, 0L, ORDER);
    computeMac(frame, offset, payloadLength);
    frame.putBytes(offset + MAC_OFFSET, computed, 0, MAC_LENGTH);
  }

  /** Whether the frame is exactly the one that is due from this sender. */
  boolean accepts(
      DirectBuffer frame, int offset, int length, int sender, long operation, long sequence) {
    if (length < HEADER_LENGTH
        || frame.getInt(offset, ORDER) != MAGIC
        || frame.getInt(offset + 4, ORDER) != VERSION
        || frame.getLong(offset + 8, ORDER) != job.jobId()
        || frame.getInt(offset + 16, ORDER) != job.attempt()
        || frame.getInt(offset + 20, ORDER) != sender
        || frame.getLong(offset + 24, ORDER) != operation
        || frame.getLong(offset + 32, ORDER) != sequence) {
      return false;
    }
    computeMac(frame, offset, length - HEADER_LENGTH);
    frame.getBytes(offset + MAC_OFFSET, received);
    return MessageDigest.isEqual(received, Arrays.copyOf(computed, MAC_LENGTH));
  }

  private void computeMac(DirectBuffer frame, int offset, int payloadLength) {
    if (payload.length < payloadLength) {
      payload = new byte[payloadLength];
    }
    frame.getBytes(offset, authenticated);
    frame.getBytes(offset + HEADER_LENGTH, payload, 0, payloadLength);
    mac.update(authenticated);
    mac.update(payload, 0, payloadLength);
    try {
      mac.doFinal(computed, 0);
    } catch (ShortBufferException e) {
      throw new IllegalStateException("the MAC is longer than it says it is", e);
    }
  }
}
