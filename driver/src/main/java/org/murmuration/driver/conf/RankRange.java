package org.murmuration.driver.conf;

import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * How many ranks a job may have.
 *
 * @param least that it starts and goes on with; empty for one per task slot that the cluster offers
 * @param most that it takes where there are more slots; empty likewise
 */
public record RankRange(OptionalInt least, OptionalInt most) {
  static final String RULE = "a number >= 1, or two as in 2..8, the first no larger";

  /** As many as the cluster offers. */
  static final RankRange AUTO = new RankRange(OptionalInt.empty(), OptionalInt.empty());

  private static final Pattern NUMBERS = Pattern.compile("(\\d{1,9})(?:\\.\\.(\\d{1,9}))?");

  /** Always the same number. */
  static RankRange of(int ranks) {
    return of(ranks, ranks);
  }

  static RankRange of(int least, int most) {
    return new RankRange(OptionalInt.of(least), OptionalInt.of(most));
  }

  /** Whether the number may change while the job runs. */
  public boolean isElastic() {
    return !least.equals(most);
  }

  /** The number, where it can't change. */
  OptionalInt fixed() {
    return isElastic() ? OptionalInt.empty() : least;
  }

  static Reading<RankRange> parse(String text) {
    var numbers = NUMBERS.matcher(text);
    if (!numbers.matches()) {
      return Reading.wrongType(RULE);
    }
    int least = Integer.parseInt(numbers.group(1));
    int most = numbers.group(2) == null ? least : Integer.parseInt(numbers.group(2));
    return least >= 1 && most >= least ? Reading.of(of(least, most)) : Reading.brokenRule(RULE);
  }
}
