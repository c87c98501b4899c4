package org.murmuration.worker.transport;

import java.nio.ByteOrder;
import java.util.Optional;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.murmuration.worker.transport.Link.FrameWriter;
import org.murmuration.worker.transport.Rejections.Reason;

/**
 * Writes and checks the frames of one direction of one stream. All integers are little-endian.
 *
 * <pre>
 *   0               4               8                              16
 *   +---------------+---------------+-------------------------------+
 *   | magic "MURM"  | version (2)   | job id                        |
 *   +---------------+---------------+-------------------------------+
 *   | attempt       | sender rank   | operation                     |
 *   +---------------+---------------+-------------------------------+
 *   | sequence on this stream       | tag, first half               |
 *   +-------------------------------+-------------------------------+
 *   | tag, second half              | payload ...                   |
 * </pre>
 *
 * <p>The tag is the {@link FrameSeal}'s over bytes 0..39 and the payload; without a seal it is
 * zero. The key is of the attempt and the direction, so a frame of another job, attempt or sender,
 * a forged one and a damaged one fail the same check; the sequence number refuses replays. Used by
 * one thread at a time.
 */
final class FrameCodec {
  static final int HEADER_LENGTH = 56;

  private static final int MAGIC = 0x4D52554D;
  private static final int VERSION = 2;
  private static final int TAG_OFFSET = 40;
  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  private final JobIdentity job;
  private final int sender;
  private final Optional<FrameSeal> seal;
  private final byte[] header = new byte[TAG_OFFSET];
  private final UnsafeBuffer payload = new UnsafeBuffer(new byte[0]);
  private byte[] sealed = new byte[0];

  /**
   * @param sender the rank whose frames these are
   * @param seal what protects them, or nothing
   */
  FrameCodec(JobIdentity job, int sender, Optional<FrameSeal> seal) {
    this.job = job;
    this.sender = sender;
    this.seal = seal;
  }

  /** Writes a frame of HEADER_LENGTH + length bytes. */
  void write(
      MutableDirectBuffer frame,
      int offset,
      int length,
      FrameWriter writer,
      long operation,
      long sequence) {
    frame.putInt(offset, MAGIC, ORDER);
    frame.putInt(offset + 4, VERSION, ORDER);
    frame.putLong(offset + 8, job.jobId(), ORDER);
    frame.putInt(offset + 16, job.attempt(), ORDER);
    frame.putInt(offset + 20, sender, ORDER);
    frame.putLong(offset + 24, operation, ORDER);
    frame.putLong(offset + 32, sequence, ORDER);
    if (seal.isEmpty()) {
      frame.setMemory(offset + TAG_OFFSET, FrameSeal.TAG_LENGTH, (byte) 0);
      writer.write(frame, offset + HEADER_LENGTH);
      return;
    }
    makeRoom(length);
    writer.write(payload, 0);
    frame.getBytes(offset, header);
    seal.get().seal(header, TAG_OFFSET, payload.byteArray(), length, sealed, sequence);
    frame.putBytes(offset + HEADER_LENGTH, sealed, 0, length);
    frame.putBytes(offset + TAG_OFFSET, sealed, length, FrameSeal.TAG_LENGTH);
  }

  /**
   * What is wrong with a frame, or nothing if it is exactly the one that is due. Then {@link
   * #payload} has what it carries.
   */
  Optional<Reason> refusal(
      DirectBuffer frame, int offset, int length, long operation, long sequence) {
    if (length < HEADER_LENGTH
        || frame.getInt(offset, ORDER) != MAGIC
        || frame.getInt(offset + 4, ORDER) != VERSION) {
      return Optional.of(Reason.FOREIGN);
    }
    if (frame.getLong(offset + 8, ORDER) != job.jobId()) {
      return Optional.of(Reason.OTHER_JOB);
    }
    if (frame.getInt(offset + 16, ORDER) != job.attempt()) {
      return Optional.of(Reason.OTHER_ATTEMPT);
    }
    if (frame.getInt(offset + 20, ORDER) != sender) {
      return Optional.of(Reason.OTHER_SENDER);
    }
    if (frame.getLong(offset + 24, ORDER) != operation) {
      return Optional.of(Reason.OTHER_OPERATION);
    }
    if (frame.getLong(offset + 32, ORDER) != sequence) {
      return Optional.of(Reason.OTHER_SEQUENCE);
    }
    return opens(frame, offset, length - HEADER_LENGTH, sequence)
        ? Optional.empty()
        : Optional.of(Reason.FORGED);
  }

  /** Where the payload of the frame that was just accepted lies: here from 0, or in the frame. */
  Optional<DirectBuffer> payload() {
    return seal.isPresent() ? Optional.of(payload) : Optional.empty();
  }

  private boolean opens(DirectBuffer frame, int offset, int length, long sequence) {
    if (seal.isEmpty()) {
      return true;
    }
    makeRoom(length);
    frame.getBytes(offset, header);
    frame.getBytes(offset + HEADER_LENGTH, sealed, 0, length);
    frame.getBytes(offset + TAG_OFFSET, sealed, length, FrameSeal.TAG_LENGTH);
    return seal.get().opens(header, TAG_OFFSET, sealed, length, payload.byteArray(), sequence);
  }

  private void makeRoom(int length) {
    if (sealed.length < length + FrameSeal.TAG_LENGTH) {
      payload.wrap(new byte[length]);
      sealed = new byte[length + FrameSeal.TAG_LENGTH];
    }
  }
}
