package org.murmuration.worker.bench.collective;

import java.util.regex.Pattern;

/** Sizes of vectors as people write them. */
final class ByteSize {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,9})(KiB|MiB|)");
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;

  private ByteSize() {}

  /**
   * The bytes that a text means, such as {@code 64KiB}, {@code 1MiB} or {@code 4096}.
   *
   * @throws IllegalArgumentException if it is none, or no size of a vector that all ranks share
   */
  static int parse(String text) {
    var parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "--sizes has \"%s\", must be a number of bytes, KiB or MiB, such as 64KiB"
              .formatted(text));
    }
    var bytes = Long.parseLong(parts.group(1)) * unit(parts.group(2));
    var least = Float.BYTES * KnownValues.MOST_RANKS;
    if (bytes < least || bytes > Integer.MAX_VALUE || bytes % Float.BYTES != 0) {
      throw new IllegalArgumentException(
          "--sizes has %s = %,d bytes, must be a multiple of %d from %d to %,d"
              .formatted(text, bytes, Float.BYTES, least, Integer.MAX_VALUE));
    }
    return (int) bytes;
  }

  private static long unit(String name) {
    return switch (name) {
      case "KiB" -> KIB;
      case "MiB" -> MIB;
      default -> 1;
    };
  }

  /** The text of a size. */
  static String text(int bytes) {
    if (bytes % MIB == 0) {
      return bytes / MIB + " MiB";
    }
    return bytes % KIB == 0 ? bytes / KIB + " KiB" : bytes + " B";
  }
}
