package org.murmuration.worker.collective.codec;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A message of {@link ThresholdCodec}, which draws its layout, about a number of values. */
final class ThresholdMessage {
  static final int HEADER_LENGTH = Float.BYTES + Integer.BYTES;

  private static final int ENTRIES_OFFSET = Float.BYTES;

  /** Gap and sign have 32 bits together, 7 per byte. */
  private static final int MAX_VARINT_LENGTH = 5;

  private final DirectBuffer in;
  private final int start;
  private final int end;
  private final int count;
  private final float threshold;
  private final int entries;

  /**
   * @throws IllegalArgumentException if the message is damaged anywhere
   */
  ThresholdMessage(DirectBuffer in, int offset, int length, int count) {
    if (length < HEADER_LENGTH) {
      throw damaged("cut short: %d bytes, a header alone has %d".formatted(length, HEADER_LENGTH));
    }
    this.in = in;
    this.start = offset + HEADER_LENGTH;
    this.end = offset + length;
    this.count = count;
    this.threshold = in.getFloat(offset, LITTLE_ENDIAN);
    this.entries = in.getInt(offset + ENTRIES_OFFSET, LITTLE_ENDIAN);
    checkHeader();
    checkEntries();
  }

  /**
   * Adds +tau or -tau at each entry's index; NaN everywhere if the sender had a non-finite value.
   */
  void addTo(UnsafeBuffer vector, int first) {
    if (Float.isNaN(threshold)) {
      for (int i = first; i < first + count; i++) {
        vector.putFloat(i * Float.BYTES, Float.NaN);
      }
      return;
    }
    var cursor = new Cursor();
    for (int i = 0; i < entries; i++) {
      cursor.next();
      var at = (first + cursor.index) * Float.BYTES;
      vector.putFloat(at, vector.getFloat(at) + (cursor.negative ? -threshold : threshold));
    }
  }

  private void checkHeader() {
    if (threshold < 0 || Float.isInfinite(threshold)) {
      throw damaged(
          "its threshold is %s, must be finite and not negative, or NaN".formatted(threshold));
    }
    if (entries < 0 || entries > count) {
      throw damaged("it has %d entries, must be 0 to %d".formatted(entries, count));
    }
    if (entries > 0 && !(threshold > 0)) {
      throw damaged("it has %d entries for a threshold of %s".formatted(entries, threshold));
    }
  }

  private void checkEntries() {
    var cursor = new Cursor();
    for (int i = 0; i < entries; i++) {
      cursor.next();
    }
    if (cursor.position != end) {
      throw damaged("%d bytes follow its %d entries".formatted(end - cursor.position, entries));
    }
  }

  private static IllegalArgumentException damaged(String what) {
    return new IllegalArgumentException("damaged threshold message: " + what);
  }

  /** Walks through the entries. */
  private final class Cursor {
    private int position = start;
    private int index = -1;
    private boolean negative;

    void next() {
      var word = varint();
      var gap = word >>> 1;
      if (gap == 0 || index + gap >= count) {
        throw damaged(
            "index out of range: a gap of %d after index %d, of %d values"
                .formatted(gap, index, count));
      }
      index += (int) gap;
      negative = (word & 1) == 1;
    }

    private long varint() {
      var word = 0L;
      for (int i = 0; i < MAX_VARINT_LENGTH; i++) {
        if (position == end) {
          throw damaged(
              "cut short: it ends inside or before an entry, after index %d".formatted(index));
        }
        var octet = in.getByte(position++);
        word |= (octet & 0x7fL) << (7 * i);
        if (octet >= 0) {
          return word;
        }
      }
      throw damaged(
          "varint too long: more than %d bytes for an entry, after index %d"
              .formatted(MAX_VARINT_LENGTH, index));
    }
  }

  /** Writes entries in ascending order of their indices, then the header in front of them. */
  static final class Writer {
    private final MutableDirectBuffer out;
    private final int offset;
    private int position;
    private int entries;
    private int previous = -1;

    Writer(MutableDirectBuffer out, int offset) {
      this.out = out;
      this.offset = offset;
      this.position = offset + HEADER_LENGTH;
    }

    int entries() {
      return entries;
    }

    void add(int index, boolean negative) {
      // A gap of up to 2^31 takes 32 bits with its sign: read as unsigned.
      var word = ((index - previous) << 1) | (negative ? 1 : 0);
      while ((word & ~0x7f) != 0) {
        out.putByte(position++, (byte) (word | 0x80));
        word >>>= 7;
      }
      out.putByte(position++, (byte) word);
      previous = index;
      entries++;
    }

    int finish(float threshold) {
      out.putFloat(offset, threshold, LITTLE_ENDIAN);
      out.putInt(offset + ENTRIES_OFFSET, entries, LITTLE_ENDIAN);
      return position - offset;
    }

    /** Drops all entries: a value wasn't finite. */
    int finishAsNotFinite() {
      entries = 0;
      position = offset + HEADER_LENGTH;
      return finish(Float.NaN);
    }
  }
}
