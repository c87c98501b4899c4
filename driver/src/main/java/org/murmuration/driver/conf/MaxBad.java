package org.murmuration.driver.conf;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * How many samples of a data set may be bad.
 *
 * @param count a number of samples, or of hundredths of all samples
 * @param percent whether it is the latter
 */
public record MaxBad(BigDecimal count, boolean percent) {
  static final String RULE =
      "a count >= 0, or a share of all samples in [0 %, 100 %], such as 0.1 %";

  private static final String PERCENT = "%";
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  /**
   * Reads {@code 10} or {@code 0.1 %}.
   *
   * @throws IllegalArgumentException when it is neither
   */
  static MaxBad parse(String text) {
    var percent = text.endsWith(PERCENT);
    var number = percent ? text.substring(0, text.length() - PERCENT.length()).strip() : text;
    var count = new BigDecimal(number);
    var tooMuch = percent ? count.compareTo(HUNDRED) > 0 : count.stripTrailingZeros().scale() > 0;
    if (count.signum() < 0 || tooMuch) {
      throw new IllegalArgumentException(RULE);
    }
    return new MaxBad(count, percent);
  }

  /** How many of so many samples may be bad; a share is rounded down. */
  public long of(long samples) {
    var most = percent ? count.multiply(BigDecimal.valueOf(samples)).divide(HUNDRED) : count;
    return most.setScale(0, RoundingMode.FLOOR).min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue();
  }

  /** As a person would write it. */
  @Override
  public String toString() {
    return count.toPlainString() + (percent ? " " + PERCENT : "");
  }
}
