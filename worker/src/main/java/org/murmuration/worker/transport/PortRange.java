package org.murmuration.worker.transport;

import java.io.Serializable;
import java.util.regex.Pattern;

/**
 * The UDP ports that may be used; the setting {@code averaging.ports}.
 *
 * @param first the lowest port, in [1024, 65535]
 * @param last the highest port, in [first, 65535]
 */
public record PortRange(int first, int last) implements Serializable {
  private static final int LOWEST = 1024;
  private static final int HIGHEST = 65_535;
  private static final Pattern TEXT = Pattern.compile("([1-9]\\d{3,4})(?:-([1-9]\\d{3,4}))?");

  /** What the text of a range must be, as it completes "must be". */
  public static final String RULE =
      "a port or a range of ports such as 40100-40199, in [%d, %d], lowest first"
          .formatted(LOWEST, HIGHEST);

  /** Whichever ports the operating system gives. */
  public static final PortRange ANY = new PortRange(0, 0);

  /**
   * @throws IllegalArgumentException if the ports are against {@link #RULE}; 0 and 0 stand for
   *     {@link #ANY}
   */
  public PortRange {
    var any = first == 0 && last == 0;
    if (!any && (first < LOWEST || last > HIGHEST || first > last)) {
      throw new IllegalArgumentException(
          "averaging.ports = %d-%d: must be %s".formatted(first, last, RULE));
    }
  }

  /**
   * Reads {@code 40100-40199}, or {@code 40100} for this port alone.
   *
   * @throws IllegalArgumentException if the text is against {@link #RULE}
   */
  public static PortRange parse(String text) {
    var ports = TEXT.matcher(text);
    if (!ports.matches()) {
      throw new IllegalArgumentException("averaging.ports = %s: must be %s".formatted(text, RULE));
    }
    var first = ports.group(1);
    var last = ports.group(2) == null ? first : ports.group(2);
    return new PortRange(Integer.parseInt(first), Integer.parseInt(last));
  }

  /** Whether the operating system chooses. */
  public boolean isAny() {
    return first == 0;
  }

  /** How many ports there are; of {@link #ANY}, how many need no privilege. */
  public int size() {
    return isAny() ? HIGHEST - LOWEST + 1 : last - first + 1;
  }

  /** The range as {@link #parse} reads it, or {@code any}. */
  @Override
  public String toString() {
    if (isAny()) {
      return "any";
    }
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
