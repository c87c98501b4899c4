package org.murmuration.worker.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * What ranks tell each other on the control stream; integers in the machine's order:
 *
 * <pre>
 *   status: kind 0 (4), step (8), milliseconds in this activity (8), incarnation (8),
 *           UTF-8 bytes of the activity
 *   abort:  kind 1 (4), UTF-8 bytes of the reason
 * </pre>
 */
final class ControlMessage {
  private static final int STATUS = 0;
  private static final int ABORT = 1;
  private static final int STEP = 4;
  private static final int IN_ACTIVITY = 12;
  private static final int INCARNATION = 20;
  private static final int ACTIVITY = 28;
  private static final int REASON = 4;

  private ControlMessage() {}

  /** Takes what came. */
  interface Listener {
    void status(String activity, long step, long inActivityMs, long incarnation);

    void abort(String reason);
  }

  /** Bytes of a status. */
  static int statusLength(byte[] activity) {
    return ACTIVITY + activity.length;
  }

  static void writeStatus(
      MutableDirectBuffer buffer,
      int offset,
      byte[] activity,
      long step,
      long inActivityMs,
      long incarnation) {
    buffer.putInt(offset, STATUS);
    buffer.putLong(offset + STEP, step);
    buffer.putLong(offset + IN_ACTIVITY, inActivityMs);
    buffer.putLong(offset + INCARNATION, incarnation);
    buffer.putBytes(offset + ACTIVITY, activity);
  }

  /** Bytes of an abort, of which no more than the first {@code most} are sent. */
  static int abortLength(byte[] reason, int most) {
    return Math.min(REASON + reason.length, most);
  }

  /** Writes an abort of {@link #abortLength} bytes. */
  static void writeAbort(MutableDirectBuffer buffer, int offset, byte[] reason, int length) {
    buffer.putInt(offset, ABORT);
    buffer.putBytes(offset + REASON, reason, 0, length - REASON);
  }

  /**
   * Reads a message.
   *
   * @return false, and the listener hears nothing, when it is none of these
   */
  static boolean read(DirectBuffer buffer, int offset, int length, Listener listener) {
    var kind = length < Integer.BYTES ? -1 : buffer.getInt(offset);
    if (kind == ABORT) {
      listener.abort(text(buffer, offset + REASON, length - REASON));
      return true;
    }
    if (kind != STATUS || length < ACTIVITY) {
      return false;
    }
    listener.status(
        text(buffer, offset + ACTIVITY, length - ACTIVITY),
        buffer.getLong(offset + STEP),
        buffer.getLong(offset + IN_ACTIVITY),
        buffer.getLong(offset + INCARNATION));
    return true;
  }

  private static String text(DirectBuffer buffer, int offset, int length) {
    var bytes = new byte[length];
    buffer.getBytes(offset, bytes);
    return new String(bytes, UTF_8);
  }
}
